package dev.tocsin.alert.derive;

import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.kafka.Resume;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** What one derive thread says of itself; label {@code worker} is its number. */
final class DeriveMetrics {
  private final MeterRegistry registry;
  private final String worker;
  private final AtomicLong delayMs = new AtomicLong();
  private final Timer batch;
  private final Counter records;
  private final Counter spans;
  private final Counter overflows;
  private final Counter repeated;
  private final Counter droppedBeats;

  DeriveMetrics(MeterRegistry registry, String worker) {
    this.registry = registry;
    this.worker = worker;
    Gauge.builder("tocsin.derive.delay.seconds", delayMs, ms -> ms.get() / 1e3)
        .description("Age of the newest record of the last batch when its deltas were committed")
        .tag("worker", worker)
        .register(registry);
    batch =
        Timer.builder("tocsin.derive.batch")
            .description("Time to turn one batch into committed deltas")
            .tag("worker", worker)
            .register(registry);
    records = registry.counter("tocsin.derive.records", "worker", worker);
    spans = registry.counter("tocsin.derive.spans", "worker", worker);
    overflows = registry.counter("tocsin.derive.overflow.spans", "worker", worker);
    repeated = registry.counter("tocsin.derive.repeated.spans", "worker", worker);
    droppedBeats = registry.counter("tocsin.derive.heartbeats.dropped", "worker", worker);
  }

  /** The loop whose lag is told. */
  void of(RecordLoop loop) {
    Gauge.builder("tocsin.derive.lag.records", loop, RecordLoop::lag)
        .description("Records in Kafka that are not derived from yet")
        .tag("worker", worker)
        .register(registry);
  }

  void committed(int recordCount, long spanCount, long overflowCount, long tookNanos) {
    records.increment(recordCount);
    spans.increment((double) spanCount);
    overflows.increment((double) overflowCount);
    batch.record(Duration.ofNanos(tookNanos));
  }

  /** Spans came again that count already. */
  void repeated(long count) {
    repeated.increment((double) count);
  }

  /** Heartbeats were left out, because too many instances report. */
  void heartbeatsDropped(long count) {
    droppedBeats.increment((double) count);
  }

  void delay(long newestAgeMs) {
    delayMs.set(newestAgeMs);
  }

  /** Records are not in Kafka any more, or not what they were. */
  void missed(String topic, Resume.Gap gap) {
    String reason = gap.reason().name().toLowerCase(Locale.ROOT);
    long count = gap.to().isPresent() ? gap.to().getAsLong() - gap.from() : 0;
    registry
        .counter("tocsin.derive.missed.records", "topic", topic, "reason", reason)
        .increment((double) count);
  }
}
