package dev.tocsin.segment.summary;

import java.util.List;
import java.util.UUID;

/**
 * Traces as one segment saw them, columns of equal length.
 *
 * @param minNanos earliest start of a span, as in the segment
 * @param maxNanos latest start of a span
 * @param roots place in {@code rootServices} and {@code rootNames}, from 1; negative when the span
 *     without a parent was not among them and the earliest one stands in
 * @param services place in {@code serviceSets}, from 1
 * @param serviceSets names in ascending order, separated by {@link #SEPARATOR}
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record TraceBlock(
    long minNanos,
    long maxNanos,
    UUID[] traceIds,
    Long[] startMicros,
    Long[] durationMicros,
    Integer[] spans,
    Integer[] errors,
    Integer[] roots,
    Integer[] services,
    List<String> rootServices,
    List<String> rootNames,
    List<String> serviceSets) {

  public static final char SEPARATOR = '\u001f';
}
