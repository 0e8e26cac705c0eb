package dev.tocsin.storage.summary;

import dev.tocsin.storage.segment.EncodedSpans;

/**
 * Spans of one operation, status and minute.
 *
 * @param minute minutes since 1970
 * @param status OTLP status code
 * @param buckets by {@link LatencyBuckets}, not cumulative
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record RedRow(
    EncodedSpans.Operation operation,
    long minute,
    int status,
    int calls,
    long sumNanos,
    int[] buckets) {}
