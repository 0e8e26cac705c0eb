package dev.tocsin.segment.summary;

/**
 * What one writer has counted of a minute so far: columns of equal length, an element for each
 * operation, status and latency bucket with spans.
 *
 * @param minute minutes since 1970
 * @param id Kafka offset at which the writer began to count it; what is stored under it is replaced
 * @param operations see {@link OperationId}
 * @param statuses OTLP status codes
 * @param buckets place in {@link LatencyBuckets}, from 1
 * @param sumNanos of the durations
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record RedBlock(
    long minute,
    long id,
    Long[] operations,
    Short[] statuses,
    Short[] buckets,
    Integer[] calls,
    Long[] sumNanos) {}
