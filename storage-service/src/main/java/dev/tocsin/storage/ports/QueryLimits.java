package dev.tocsin.storage.ports;

import java.time.Duration;

/**
 * What one query may use, and how many run at once.
 *
 * @param threads queries running at once
 * @param queueMax queries waiting beyond those
 * @param timeout of one query, waiting included
 * @param bytesMax stored bytes one query may read
 * @param memoryMax bytes that all running queries may hold of what they read
 * @param rangeMax longest time range
 * @param rowsMax most rows of an answer
 * @param seriesMax most series one selector may match
 * @param samplesMax most samples one PromQL query may load
 * @param tailsMax most live tails at once
 */
public record QueryLimits(
    int threads,
    int queueMax,
    Duration timeout,
    long bytesMax,
    long memoryMax,
    Duration rangeMax,
    int rowsMax,
    int seriesMax,
    int samplesMax,
    int tailsMax) {}
