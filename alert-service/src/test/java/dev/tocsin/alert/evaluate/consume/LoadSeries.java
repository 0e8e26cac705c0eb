package dev.tocsin.alert.evaluate.consume;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimScheduler;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A gauge, {@code load{series=name}}, that is high and low by turns at times that are known. A
 * sample comes every few seconds; what Kafka does not take is sent again later, or is lost.
 */
final class LoadSeries {
  static final Duration EVERY = Duration.ofSeconds(5);
  private static final int HIGH = 9;
  private static final int LOW = 1;
  private static final Duration SHORTEST = Duration.ofSeconds(20);
  private static final Duration LONGEST = Duration.ofMinutes(8);

  private final String name;
  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final int partition;
  private final boolean buffers;
  private final List<Phase> phases = new ArrayList<>();
  private final Deque<byte[]> unsent = new ArrayDeque<>();

  /**
   * For so long the series stays as it is.
   *
   * @param fromNanos and {@code toNanos} by the scheduler's monotonic time
   */
  record Phase(boolean high, long fromNanos, long toNanos) {}

  LoadSeries(String name, SimScheduler scheduler, SimKafka kafka, Duration length) {
    this.name = name;
    this.scheduler = scheduler;
    this.kafka = kafka;
    this.partition = scheduler.pick(kafka.partitions(Topic.METRICS.name()).size());
    this.buffers = scheduler.chance(0.5);
    boolean high = scheduler.chance(0.5);
    long fromNanos = 0;
    while (fromNanos < length.toNanos()) {
      long toNanos = fromNanos + SHORTEST.toNanos() + scheduler.upTo(LONGEST).toNanos();
      phases.add(new Phase(high, fromNanos, toNanos));
      fromNanos = toNanos;
      high = !high;
    }
  }

  String name() {
    return name;
  }

  List<Phase> phases() {
    return List.copyOf(phases);
  }

  /** Whether it was high, or low, all the time. */
  boolean was(boolean high, long fromNanos, long toNanos) {
    return phases.stream()
        .filter(phase -> phase.fromNanos < toNanos && phase.toNanos > fromNanos)
        .allMatch(phase -> phase.high == high);
  }

  void begin() {
    scheduler.after(Duration.ofMillis(scheduler.pick((int) EVERY.toMillis())), this::sample);
  }

  private void sample() {
    long nowNanos = scheduler.nanoTime();
    boolean high = was(true, nowNanos, nowNanos + 1);
    unsent.add(request(high ? HIGH : LOW));
    if (!kafka.faults().down()) {
      unsent.forEach(this::send);
      unsent.clear();
    } else if (!buffers) {
      unsent.clear();
    }
    scheduler.after(EVERY, this::sample);
  }

  private void send(byte[] request) {
    kafka.append(new ProducerRecord<>(Topic.METRICS.name(), partition, null, request), partition);
  }

  private byte[] request(int value) {
    NumberDataPoint point =
        NumberDataPoint.newBuilder()
            .setTimeUnixNano(TimeUnit.MILLISECONDS.toNanos(scheduler.millis()))
            .setAsInt(value)
            .addAttributes(
                KeyValue.newBuilder()
                    .setKey("series")
                    .setValue(AnyValue.newBuilder().setStringValue(name)))
            .build();
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .addMetrics(
                            Metric.newBuilder()
                                .setName("load")
                                .setGauge(Gauge.newBuilder().addDataPoints(point)))))
        .build()
        .toByteArray();
  }
}
