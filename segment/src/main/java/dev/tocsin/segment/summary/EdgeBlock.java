package dev.tocsin.segment.summary;

import java.util.List;

/**
 * The calls between services that one writer has counted of a minute so far.
 *
 * @param minute minutes since 1970 in which the clients began
 * @param id Kafka offset at which the writer began to count it; what is stored under it is replaced
 */
public record EdgeBlock(long minute, long id, List<EdgeRow> rows) {}
