package dev.tocsin.alert.derive;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Writes deltas as OTLP metrics, in requests of bounded size; a series is always in the same
 * partition of the topic.
 *
 * <p>A point's time is the wall clock of processing, not the time of the spans: a late span counts
 * when it arrives. Span time would put it behind what rules have already looked at, where nobody
 * would ever see it; and clocks of senders are not to be trusted with when people are woken.
 */
final class DerivedRequests {
  static final String CALLS = "traces.span.metrics.calls";
  static final String DURATION = "traces.span.metrics.duration";
  static final String SERVED_CALLS = "traces.service.metrics.calls";
  static final String SERVED_DURATION = "traces.service.metrics.duration";
  static final String HEARTBEAT = "tocsin.heartbeat";

  /** Says that {@code derive} itself works, so that its silence is not taken for everybody's. */
  static final String DERIVE_HEARTBEAT = "tocsin.derive.heartbeat";

  /**
   * About the largest record. Far from what a broker takes, so that everybody can read it without
   * thinking of its size; a single point has a few kilobytes at most, because names are cut.
   */
  static final int RECORD_BYTES_MAX = 1 << 20;

  private static final AggregationTemporality DELTA =
      AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;

  /** Shares the bounds, which are the same in every point. */
  private static final HistogramDataPoint BOUNDS = bounds();

  private final int partitions;
  private final long startNanos;
  private final long timeNanos;
  private final Map<Integer, Points> byPartition = new HashMap<>();

  /**
   * @param startMs when the interval of these deltas began; taken for {@code timeMs} when the clock
   *     was set back in between
   * @param timeMs when it ended
   */
  DerivedRequests(int partitions, long startMs, long timeMs) {
    this.partitions = partitions;
    this.startNanos = TimeUnit.MILLISECONDS.toNanos(Math.min(startMs, timeMs));
    this.timeNanos = TimeUnit.MILLISECONDS.toNanos(timeMs);
  }

  void add(RedBatch batch) {
    batch.forEach(this::calls);
    batch.served().forEach(this::served);
  }

  private void calls(RedBatch.Key key, RedBatch.Counts counts) {
    List<KeyValue> attributes =
        List.of(
            attribute("service.name", key.service()),
            attribute("span.name", key.name()),
            attribute("span.kind", kind(key.kind())),
            attribute("status.code", status(key.status())));
    points(key.seriesHash())
        .addCalls(sum(attributes, counts.calls()), duration(attributes, counts));
  }

  private void served(RedBatch.Served key, RedBatch.Counts counts) {
    List<KeyValue> attributes =
        List.of(
            attribute("service.name", key.service()),
            attribute("span.kind", kind(key.kind())),
            attribute("status.code", status(key.status())));
    points(key.seriesHash())
        .addServed(sum(attributes, counts.calls()), duration(attributes, counts));
  }

  private HistogramDataPoint duration(List<KeyValue> attributes, RedBatch.Counts counts) {
    HistogramDataPoint.Builder duration =
        BOUNDS.toBuilder()
            .addAllAttributes(attributes)
            .setStartTimeUnixNano(startNanos)
            .setTimeUnixNano(timeNanos)
            .setCount(counts.calls())
            .setSum(counts.seconds());
    for (long bucket : counts.buckets()) {
      duration.addBucketCounts(bucket);
    }
    return duration.build();
  }

  void add(Heartbeats.Beat beat) {
    List<KeyValue> attributes = new ArrayList<>(List.of(attribute("job", beat.job())));
    if (!beat.instance().isEmpty()) {
      attributes.add(attribute("instance", beat.instance()));
    }
    points(beat.seriesHash()).addHeartbeat(sum(attributes, 1));
  }

  /**
   * @param worker which of the derive threads lives
   */
  void addOwnHeartbeat(String worker) {
    points(worker.hashCode()).addOwnHeartbeat(sum(List.of(attribute("worker", worker)), 1));
  }

  /** The requests by partition; empty when nothing was added. */
  Map<Integer, List<byte[]>> encode() {
    Map<Integer, List<byte[]>> encoded = new HashMap<>();
    byPartition.forEach((partition, points) -> encoded.put(partition, points.encoded()));
    return encoded;
  }

  private Points points(int hash) {
    return byPartition.computeIfAbsent(Math.floorMod(hash, partitions), p -> new Points());
  }

  private NumberDataPoint sum(List<KeyValue> attributes, long value) {
    return NumberDataPoint.newBuilder()
        .addAllAttributes(attributes)
        .setStartTimeUnixNano(startNanos)
        .setTimeUnixNano(timeNanos)
        .setAsInt(value)
        .build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static String kind(int number) {
    SpanKind kind = SpanKind.forNumber(number);
    return (kind == null ? SpanKind.SPAN_KIND_UNSPECIFIED : kind).name();
  }

  private static String status(int number) {
    StatusCode code = StatusCode.forNumber(number);
    return (code == null ? StatusCode.STATUS_CODE_UNSET : code).name();
  }

  private static HistogramDataPoint bounds() {
    HistogramDataPoint.Builder bounds = HistogramDataPoint.newBuilder();
    for (double bound : RedBatch.BOUNDS) {
      bounds.addExplicitBounds(bound);
    }
    return bounds.build();
  }

  /** The points for one partition. */
  private static final class Points {
    private final CallPoints calls = new CallPoints(CALLS, DURATION);
    private final CallPoints served = new CallPoints(SERVED_CALLS, SERVED_DURATION);
    private final List<NumberDataPoint> heartbeats = new ArrayList<>();
    private final List<NumberDataPoint> own = new ArrayList<>();
    private final List<byte[]> encoded = new ArrayList<>();
    private long bytes;

    void addCalls(NumberDataPoint sum, HistogramDataPoint duration) {
      makeRoom(sum.getSerializedSize() + duration.getSerializedSize());
      calls.add(sum, duration);
    }

    void addServed(NumberDataPoint sum, HistogramDataPoint duration) {
      makeRoom(sum.getSerializedSize() + duration.getSerializedSize());
      served.add(sum, duration);
    }

    void addHeartbeat(NumberDataPoint beat) {
      makeRoom(beat.getSerializedSize());
      heartbeats.add(beat);
    }

    void addOwnHeartbeat(NumberDataPoint beat) {
      makeRoom(beat.getSerializedSize());
      own.add(beat);
    }

    private void makeRoom(int pointBytes) {
      if (bytes > 0 && bytes + pointBytes > RECORD_BYTES_MAX) {
        finish();
      }
      bytes += pointBytes;
    }

    List<byte[]> encoded() {
      if (bytes > 0) {
        finish();
      }
      return encoded;
    }

    private void finish() {
      encoded.add(encode());
      calls.clear();
      served.clear();
      heartbeats.clear();
      own.clear();
      bytes = 0;
    }

    private byte[] encode() {
      ScopeMetrics.Builder scope =
          ScopeMetrics.newBuilder()
              .setScope(InstrumentationScope.newBuilder().setName("dev.tocsin.derive"));
      calls.addTo(scope);
      served.addTo(scope);
      addSum(scope, HEARTBEAT, heartbeats);
      addSum(scope, DERIVE_HEARTBEAT, own);
      return ExportMetricsServiceRequest.newBuilder()
          .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
          .build()
          .toByteArray();
    }
  }

  /** How many calls there were, and how long they took: two metrics of the same dimensions. */
  private static final class CallPoints {
    private final String callsName;
    private final String durationName;
    private final List<NumberDataPoint> sums = new ArrayList<>();
    private final List<HistogramDataPoint> durations = new ArrayList<>();

    CallPoints(String callsName, String durationName) {
      this.callsName = callsName;
      this.durationName = durationName;
    }

    void add(NumberDataPoint sum, HistogramDataPoint duration) {
      sums.add(sum);
      durations.add(duration);
    }

    void clear() {
      sums.clear();
      durations.clear();
    }

    void addTo(ScopeMetrics.Builder scope) {
      addSum(scope, callsName, sums);
      if (!durations.isEmpty()) {
        scope.addMetrics(
            Metric.newBuilder()
                .setName(durationName)
                .setUnit("s")
                .setHistogram(
                    Histogram.newBuilder()
                        .setAggregationTemporality(DELTA)
                        .addAllDataPoints(durations)));
      }
    }
  }

  private static void addSum(ScopeMetrics.Builder scope, String name, List<NumberDataPoint> sums) {
    if (!sums.isEmpty()) {
      scope.addMetrics(
          Metric.newBuilder()
              .setName(name)
              .setSum(
                  Sum.newBuilder()
                      .setAggregationTemporality(DELTA)
                      .setIsMonotonic(true)
                      .addAllDataPoints(sums)));
    }
  }
}
