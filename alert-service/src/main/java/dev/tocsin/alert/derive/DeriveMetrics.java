package dev.tocsin.alert.derive;

import dev.tocsin.common.kafka.DeadLetters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** What one derive thread says of itself; label {@code worker} is its number. */
final class DeriveMetrics {
  private final MeterRegistry registry;
  private final AtomicLong lagRecords = new AtomicLong();
  private final AtomicLong delayMs = new AtomicLong();
  private final Timer batch;
  private final Counter records;
  private final Counter spans;
  private final Counter overflows;

  DeriveMetrics(MeterRegistry registry, String worker) {
    this.registry = registry;
    Gauge.builder("tocsin.derive.lag.records", lagRecords, AtomicLong::get)
        .description("Records in Kafka that are not derived from yet")
        .tag("worker", worker)
        .register(registry);
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
  }

  void committed(int recordCount, int spanCount, long overflowCount, long tookNanos) {
    records.increment(recordCount);
    spans.increment(spanCount);
    overflows.increment((double) overflowCount);
    batch.record(Duration.ofNanos(tookNanos));
  }

  void behind(long lag, long newestAgeMs) {
    lagRecords.set(lag);
    delayMs.set(newestAgeMs);
  }

  void deadLetter(String topic) {
    DeadLetters.count(registry, topic, "malformed");
  }
}
