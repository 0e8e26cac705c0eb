package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.Awaiting;
import dev.tocsin.storage.ports.Batch;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a work has of the process it is in.
 *
 * @param awaiting how its poll thread waits, which is the place where consuming may wait
 * @param nanoTime monotonic time
 */
record Host(Encoders encoders, Awaiting awaiting, LongSupplier nanoTime) {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

  /** Threads that encode. */
  interface Encoders {
    /** Runs on one of them, in no order. */
    Future<Batch.Content> run(Supplier<Batch.Content> encoding);
  }

  /** A process as it is. */
  static Host of(WorkerExecutor encoders) {
    return new Host(
        encoding -> encoders.executeBlocking(encoding::get, false),
        Awaiting.blocking(ANSWER_MAX),
        System::nanoTime);
  }
}
