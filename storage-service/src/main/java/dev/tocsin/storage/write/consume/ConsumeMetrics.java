package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.storage.ports.Batch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What storing one topic did; thread-safe. */
final class ConsumeMetrics {
  private final MeterRegistry registry;
  private final String topic;
  private final Counter items;
  private final Counter segments;
  private final Counter bytes;
  private final Counter replays;
  private final Counter repeated;
  private final Timer flush;

  ConsumeMetrics(MeterRegistry registry, String topic) {
    this.registry = registry;
    this.topic = topic;
    items = registry.counter("tocsin.storage.items", "topic", topic);
    segments = registry.counter("tocsin.storage.segments", "topic", topic);
    bytes = registry.counter("tocsin.storage.segment.bytes", "topic", topic);
    replays = registry.counter("tocsin.storage.replays", "topic", topic);
    repeated = registry.counter("tocsin.storage.items.repeated", "topic", topic);
    flush = registry.timer("tocsin.storage.flush", "topic", topic);
  }

  /** Tells the lag of the topic's consumer. */
  void lagOf(RecordLoop loop) {
    Gauge.builder("tocsin.storage.lag.records", loop, RecordLoop::lag)
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

  void repeated(int count) {
    repeated.increment(count);
  }

  void malformed() {
    registry.counter("tocsin.storage.decode.errors", "topic", topic).increment();
  }

  void rejected(String reason, int count) {
    registry
        .counter("tocsin.storage.items.rejected", "topic", topic, "reason", reason)
        .increment(count);
  }

  void gap(Resume.Reason reason) {
    registry
        .counter(
            "tocsin.storage.gaps", "topic", topic, "reason", reason.name().toLowerCase(Locale.ROOT))
        .increment();
  }
}
