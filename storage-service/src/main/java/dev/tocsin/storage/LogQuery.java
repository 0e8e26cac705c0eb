package dev.tocsin.storage;

import com.google.protobuf.ByteString;

/**
 * Which log records are wanted.
 *
 * @param text a phrase that stands in the body, in any case, with no letter or digit touching its
 *     ends; empty for any
 * @param service empty for any
 * @param severityMin least severity number; 0 for any
 * @param traceId empty for any
 * @param limit at most so many, the newest
 */
public record LogQuery(
    String text, String service, int severityMin, ByteString traceId, TimeRange range, int limit) {}
