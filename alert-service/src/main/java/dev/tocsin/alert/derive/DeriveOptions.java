package dev.tocsin.alert.derive;

import java.time.Duration;

/**
 * How {@code derive} works.
 *
 * @param instanceId names this process among all; part of the transactional ids
 * @param threads that consume in parallel
 * @param batch at most one transaction in this time; what comes meanwhile is collected
 * @param batchBytesMax ends a batch early
 * @param heartbeatInterval at most one heartbeat in this time for each job and instance
 * @param servicesMax and {@code spanNamesPerServiceMax} bound the series; see {@link SpanNameLimit}
 * @param instancesMax how many jobs and instances have heartbeats
 */
public record DeriveOptions(
    String instanceId,
    int threads,
    Duration batch,
    long batchBytesMax,
    Duration heartbeatInterval,
    int servicesMax,
    int spanNamesPerServiceMax,
    int instancesMax) {}
