package dev.tocsin.storage.write.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.TextFormat;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.promql.series.Value;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Requests in, PromQL out: a buffer whose flushes are read as stored blocks are. */
final class CountedSamples implements SeriesSource {
  private static final long LOOKBACK_MS = 300_000;

  private final InstantSource clock;
  private final Map<Long, SeriesSamples> stored = new HashMap<>();
  private final Map<Labels, Long> catalogue = new TreeMap<>();
  private final SeriesCollisions collisions;
  private MetricBuffer buffer;
  private long offset;

  CountedSamples(InstantSource clock) {
    this.clock = clock;
    this.collisions = new SeriesCollisions(clock);
    this.buffer = buffer(List.of());
  }

  private MetricBuffer buffer(List<SeriesSamples> totals) {
    return new MetricBuffer(
        new Window(clock, Duration.ofDays(30), Duration.ofHours(1)),
        clock,
        0,
        IdentifyingAttributes.DEFAULT,
        totals,
        new RecentlySeen<>(clock),
        MetricHeap.ofProcess(),
        RecentItems.ofProcess(clock),
        collisions);
  }

  static ExportMetricsServiceRequest file(String name) throws Exception {
    try (InputStream in = CountedSamples.class.getResourceAsStream("/otlp/" + name)) {
      return text(new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8));
    }
  }

  static ExportMetricsServiceRequest text(String text) throws Exception {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(text, request);
    return request.build();
  }

  /** Takes a request and stores what comes of it; returns how many deltas were known. */
  int add(ExportMetricsServiceRequest request) {
    byte[] bytes = request.toByteArray();
    buffer
        .add(new ConsumerRecord<>("otlp_metrics", 0, offset++, new byte[0], bytes))
        .ifPresent(
            rejected -> {
              throw new AssertionError(rejected.detail());
            });
    int repeated = buffer.drainRepeated();
    Batch.Samples samples = (Batch.Samples) buffer.drain(offset).get();
    buffer.stored();
    for (Batch.SeriesEntry entry : samples.series()) {
      Labels.Builder labels = Labels.builder();
      new JsonObject(entry.labelsJson())
          .forEach(label -> labels.put(label.getKey(), String.valueOf(label.getValue())));
      catalogue.put(labels.build(), entry.id());
    }
    for (EncodedMetrics part : samples.parts()) {
      for (SeriesSamples block : MetricBlocks.decode(MetricBlocks.FORMAT, part.data())) {
        stored
            .computeIfAbsent(block.id(), id -> new SeriesSamples(id, "", block.accumulated()))
            .merge(block, Long.MIN_VALUE, Long.MAX_VALUE);
      }
    }
    return repeated;
  }

  /** Forgets all that is not stored, as a process that starts does. */
  void restart() {
    buffer.close();
    buffer =
        buffer(
            stored.values().stream()
                .filter(SeriesSamples::accumulated)
                .flatMap(series -> series.lastTotal().stream())
                .toList());
  }

  /** The only value of a query, NaN when there is none. */
  double value(String query, long timeMs) {
    Value.InstantVector vector =
        (Value.InstantVector)
            new PromqlEngine(EngineOptions.defaults())
                .instant(this, query, timeMs, QueryContext.create())
                .value();
    return vector.samples().isEmpty() ? Double.NaN : vector.samples().get(0).value();
  }

  List<SeriesCollisions.Collision> collisions() {
    return collisions.list();
  }

  List<Labels> series() {
    return List.copyOf(catalogue.keySet());
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    List<Labels> found = catalogue.keySet().stream().filter(request::matches).toList();
    return new SeriesSet() {
      private int at = -1;

      @Override
      public boolean next() {
        return ++at < found.size();
      }

      @Override
      public Labels labels() {
        return found.get(at);
      }

      @Override
      public SampleCursor samples() {
        SeriesSamples all = Objects.requireNonNull(stored.get(catalogue.get(labels())));
        boolean before = all.accumulated() && request.hints().rangeMs() > 0;
        SeriesSamples some = new SeriesSamples(all.id(), "", all.accumulated());
        some.merge(all, request.startMs() - (before ? LOOKBACK_MS : 0), request.endMs());
        some.begin();
        return new Cursor(some);
      }

      @Override
      public void close() {}
    };
  }

  /** As the reader of stored series has it. */
  private static final class Cursor implements SampleCursor {
    private final SeriesSamples samples;
    private int at = -1;

    Cursor(SeriesSamples samples) {
      this.samples = samples;
    }

    @Override
    public boolean next() {
      return ++at < samples.size();
    }

    @Override
    public long timestampMs() {
      return samples.timeMs(at);
    }

    @Override
    public double value() {
      return samples.value(at);
    }

    @Override
    public boolean isTotalOfDeltas() {
      return samples.accumulated();
    }
  }
}
