package dev.tocsin.otlp.wire;

/**
 * One Kafka record to be: a whole Export…ServiceRequest with the items of one partition.
 *
 * @param value may be the request's own bytes; nobody may change them
 * @param items spans, data points or log records in it
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier on the hot path, never compared
public record OtlpPart(int partition, byte[] value, int items) {}
