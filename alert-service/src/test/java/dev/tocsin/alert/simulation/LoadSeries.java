package dev.tocsin.alert.simulation;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimScheduler;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
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
            .addAttributes(attribute("series", name))
            .build();
    return request(
        Metric.newBuilder().setName("load").setGauge(Gauge.newBuilder().addDataPoints(point)));
  }

  /** What derive says of itself, now and every few seconds. */
  static void deriveLives(SimScheduler scheduler, SimKafka kafka) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(scheduler.millis());
    NumberDataPoint point =
        NumberDataPoint.newBuilder()
            .setStartTimeUnixNano(nanos - TimeUnit.SECONDS.toNanos(1))
            .setTimeUnixNano(nanos)
            .setAsInt(1)
            .addAttributes(attribute("worker", "w"))
            .build();
    Sum.Builder sum =
        Sum.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
            .setIsMonotonic(true)
            .addDataPoints(point);
    byte[] request = request(Metric.newBuilder().setName("tocsin.derive.heartbeat").setSum(sum));
    if (!kafka.faults().down()) {
      kafka.append(new ProducerRecord<>(Topic.DERIVED.name(), 0, null, request), 0);
    }
    scheduler.after(EVERY, () -> deriveLives(scheduler, kafka));
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static byte[] request(Metric.Builder metric) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
        .build()
        .toByteArray();
  }
}
