package dev.tocsin.storage.ports;

import java.util.List;
import java.util.Optional;

/**
 * @param next where to go on; empty when there are no more
 */
public record TracePage(List<TraceSummary> traces, Optional<TraceCursor> next) {}
