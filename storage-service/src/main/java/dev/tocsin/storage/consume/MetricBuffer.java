package dev.tocsin.storage.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.otlp.MalformedOtlpException;
import dev.tocsin.common.otlp.PrometheusSeries;
import dev.tocsin.common.otlp.SeriesSink;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.segment.MetricBlocks;
import dev.tocsin.storage.segment.SeriesId;
import dev.tocsin.storage.segment.SeriesSamples;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Samples of one partition, filed by the hour; deltas become totals on the way. Points outside the
 * window and series of outsized labels are left out and their whole record is put aside.
 */
final class MetricBuffer implements Buffer {
  static final int LABEL_CHARS_MAX = 16_384;
  static final int METRIC_CHARS_MAX = 512;
  static final int ACCUMULATED_MAX = 500_000;
  private static final long SNAPSHOT_EVERY_MS = Duration.ofMinutes(1).toMillis();

  private final Window window;
  private final InstantSource clock;
  private final int source;
  private final Totals totals;
  private final RecentlySeen<Long> catalogued;
  private final Map<Long, Map<Long, SeriesSamples>> byHour = new TreeMap<>();
  private final Map<Long, Batch.SeriesEntry> fresh = new TreeMap<>();

  /** Series of the drained content that is not stored yet. */
  private final Set<Long> offered = new HashSet<>();

  private int items;
  private long snapshotAtMs;
  private boolean accumulates;

  MetricBuffer(
      Window window,
      InstantSource clock,
      int source,
      Collection<SeriesSamples> restored,
      RecentlySeen<Long> catalogued) {
    this.window = window;
    this.clock = clock;
    this.source = source;
    this.totals = new Totals(restored);
    this.catalogued = catalogued;
    this.snapshotAtMs = clock.millis() + SNAPSHOT_EVERY_MS;
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
    ExportMetricsServiceRequest request = parse(message.value());
    Map<String, Integer> refused = new HashMap<>();
    PrometheusSeries.read(
        request,
        (labels, kind, timeMs, startMs, value) -> {
          String reason = take(labels, kind, timeMs, value);
          if (!reason.isEmpty()) {
            refused.merge(reason, 1, Integer::sum);
          }
        });
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    String reason = refused.keySet().stream().sorted().findFirst().orElseThrow();
    return Optional.of(
        new Rejected(
            reason,
            "samples left out: "
                + refused
                + " (expected: time "
                + window
                + ", labels up to "
                + LABEL_CHARS_MAX
                + " characters); the record's other samples are stored",
            refused.values().stream().mapToInt(Integer::intValue).sum(),
            message.value()));
  }

  private static ExportMetricsServiceRequest parse(byte[] value) {
    try {
      return ExportMetricsServiceRequest.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedOtlpException(0, String.valueOf(e.getMessage()));
    }
  }

  private String take(
      SortedMap<String, String> labels, SeriesSink.Kind kind, long timeMs, double value) {
    if (!window.containsMs(timeMs)) {
      return "time_outside";
    }
    String metric = labels.getOrDefault("__name__", "");
    if (metric.length() > METRIC_CHARS_MAX || chars(labels) > LABEL_CHARS_MAX) {
      return "labels_too_long";
    }
    long id = SeriesId.of(labels);
    boolean delta = kind == SeriesSink.Kind.DELTA;
    if (delta && !PrometheusSeries.isStale(value)) {
      if (totals.size() >= ACCUMULATED_MAX) {
        return "too_many_series";
      }
      accumulates = true;
      totals.add(id, timeMs, value, (at, total) -> store(id, metric, true, at, total));
    } else {
      store(id, metric, false, timeMs, value);
    }
    if (catalogued.isNew(id) && !offered.contains(id)) {
      fresh.put(id, new Batch.SeriesEntry(id, metric, json(labels), timeMs));
    }
    return "";
  }

  private void store(long id, String metric, boolean accumulated, long timeMs, double value) {
    byHour
        .computeIfAbsent(Window.bucketOfMs(timeMs), hour -> new HashMap<>())
        .computeIfAbsent(id, key -> new SeriesSamples(key, metric, accumulated))
        .add(timeMs, value);
    items++;
  }

  private static int chars(SortedMap<String, String> labels) {
    int chars = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      chars += label.getKey().length() + label.getValue().length();
    }
    return chars;
  }

  /** PostgreSQL has no character 0 in JSON either. */
  private static String json(SortedMap<String, String> labels) {
    JsonObject json = new JsonObject();
    labels.forEach(
        (name, value) ->
            json.put(name.replace('\u0000', '\uFFFD'), value.replace('\u0000', '\uFFFD')));
    return json.encode();
  }

  @Override
  public int items() {
    return items;
  }

  @Override
  public Supplier<Batch.Content> drain() {
    List<Collection<SeriesSamples>> hours = new ArrayList<>();
    byHour.values().forEach(series -> hours.add(series.values()));
    List<Batch.SeriesEntry> entries = List.copyOf(fresh.values());
    fresh.keySet().forEach(offered::add);
    Optional<List<SeriesSamples>> snapshot = snapshot();
    byHour.clear();
    fresh.clear();
    items = 0;
    return () ->
        new Batch.Samples(
            source,
            hours.stream().map(MetricBlocks::encode).toList(),
            entries,
            snapshot.map(MetricBlocks::encode));
  }

  private Optional<List<SeriesSamples>> snapshot() {
    if (!accumulates || clock.millis() < snapshotAtMs) {
      return Optional.empty();
    }
    snapshotAtMs = clock.millis() + SNAPSHOT_EVERY_MS;
    return Optional.of(totals.snapshot());
  }

  @Override
  public void stored() {
    catalogued.addAll(offered);
    offered.clear();
  }
}
