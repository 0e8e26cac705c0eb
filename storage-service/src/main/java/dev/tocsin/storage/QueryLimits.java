package dev.tocsin.storage;

import java.time.Duration;

/**
 * What one query may use, and how many run at once.
 *
 * @param threads queries running at once
 * @param queueMax queries waiting beyond those
 * @param timeout of one query
 * @param bytesMax stored bytes one query may read
 * @param rangeMax longest time range
 * @param rowsMax most rows of an answer
 * @param seriesMax most series one selector may match
 * @param samplesMax most samples one PromQL query may load
 */
public record QueryLimits(
    int threads,
    int queueMax,
    Duration timeout,
    long bytesMax,
    Duration rangeMax,
    int rowsMax,
    int seriesMax,
    int samplesMax) {}
