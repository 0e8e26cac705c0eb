package dev.tocsin.storage.consume;

import dev.tocsin.storage.Batch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What storing one topic did; thread-safe. */
final class ConsumeMetrics {
  private final MeterRegistry registry;
  private final String topic;
  private final Counter items;
  private final Counter segments;
  private final Counter bytes;
  private final Counter replays;
  private final Timer flush;
  private final AtomicLong lag = new AtomicLong();

  ConsumeMetrics(MeterRegistry registry, String topic) {
    this.registry = registry;
    this.topic = topic;
    items = registry.counter("tocsin.storage.items", "topic", topic);
    segments = registry.counter("tocsin.storage.segments", "topic", topic);
    bytes = registry.counter("tocsin.storage.segment.bytes", "topic", topic);
    replays = registry.counter("tocsin.storage.replays", "topic", topic);
    flush = registry.timer("tocsin.storage.flush", "topic", topic);
    Gauge.builder("tocsin.storage.lag.records", lag, AtomicLong::get)
        .tag("topic", topic)
        .register(registry);
  }

  void stored(Batch.Content content, long nanos) {
    items.increment(content.items());
    segments.increment(content.segments());
    bytes.increment((double) content.bytes());
    flush.record(nanos, TimeUnit.NANOSECONDS);
  }

  void replayed() {
    replays.increment();
  }

  void malformed() {
    registry.counter("tocsin.storage.decode.errors", "topic", topic).increment();
  }

  void rejected(String reason, int count) {
    registry
        .counter("tocsin.storage.items.rejected", "topic", topic, "reason", reason)
        .increment(count);
  }

  void lag(long records) {
    lag.set(records);
  }
}
