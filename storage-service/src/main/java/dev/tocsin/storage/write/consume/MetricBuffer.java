package dev.tocsin.storage.write.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.postgres.PostgresText;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.prometheus.SeriesNaming;
import dev.tocsin.otlp.prometheus.SeriesSink;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.metric.BeginMarker;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.MetricPoints;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.segment.metric.SeriesId;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.time.Duration;
import java.time.InstantSource;
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
import org.jspecify.annotations.Nullable;

/**
 * Samples of one partition, filed by the hour; deltas become totals on the way, each delta once
 * however often it is sent within minutes. Points outside the window, series of outsized labels and
 * series for which there is no memory are left out and their whole record is put aside.
 */
final class MetricBuffer implements Buffer {
  static final int LABEL_CHARS_MAX = 16_384;
  static final long RECORD_CHARS_MAX = 64L << 20;
  static final int METRIC_CHARS_MAX = 512;

  /** A series until it is stored: its samples, its points and what knows them by their ids. */
  static final int SERIES_HEAP_BYTES = 1_000;

  private static final int SAMPLE_HEAP_BYTES = 32;
  private static final int HELP_CHARS_MAX = 1_024;
  private static final int UNIT_CHARS_MAX = 64;

  /** Prometheus has no native histograms with wider buckets, and refuses such points. */
  private static final int SCALE_MIN = -4;

  private static final String NO_ROOM = "too_many_series";

  /** Of a process that has run for longer nobody asks how much it counted in its first interval. */
  private static final long BEGUN_WITHIN_MS = Duration.ofDays(1).toMillis();

  private static final long SNAPSHOT_EVERY_MS = Duration.ofMinutes(1).toMillis();

  private final Window window;
  private final InstantSource clock;
  private final int source;
  private final IdentifyingAttributes identifying;
  private final Totals totals;
  private final RecentlySeen<Long> catalogued;
  private final Map<Long, Map<Long, SeriesSamples>> byHour = new TreeMap<>();
  private final Map<Long, MetricPoints> points = new HashMap<>();
  private final Map<Long, Batch.SeriesEntry> fresh = new TreeMap<>();
  private final Map<Long, Batch.MetricEntry> descriptions = new TreeMap<>();

  /** Series and metadata of the drained content that is not stored yet. */
  private final Set<Long> offered = new HashSet<>();

  private final MetricHeap heap;
  private final SeriesCollisions collisions;
  private final KnownStarts starts = new KnownStarts();

  /** Deltas of late; null where nobody repeats any. */
  private final @Nullable RecentItems recent;

  private int repeated;
  private int items;
  private long heapBytes;

  /** What {@link #heapBytes} may come to with the record that is being taken. */
  private long recordEnd;

  /** Characters of the labels of that record's series so far: each series repeats its own. */
  private long recordChars;

  private long snapshotAtMs;

  MetricBuffer(
      Window window,
      InstantSource clock,
      int source,
      IdentifyingAttributes identifying,
      Collection<SeriesSamples> restored,
      RecentlySeen<Long> catalogued,
      MetricHeap heap,
      @Nullable RecentItems recent,
      SeriesCollisions collisions) {
    this.window = window;
    this.clock = clock;
    this.source = source;
    this.identifying = identifying;
    this.totals = new Totals(restored, heap.totals());
    this.catalogued = catalogued;
    this.heap = heap;
    this.recent = recent;
    this.collisions = collisions;
    this.snapshotAtMs = clock.millis() + SNAPSHOT_EVERY_MS;
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
    ExportMetricsServiceRequest request = parse(message.value());
    Map<String, Integer> refused = new HashMap<>();
    recordEnd = heapBytes + heap.recordBytesMax();
    recordChars = 0;
    int before = items;
    SeriesNaming naming = SeriesNaming.of(request, identifying);
    PrometheusSeries.read(request, naming, new Sink(refused));
    MetricPoints.distribute(request, naming, new Hours(refused, items - before));
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
                + " characters, series for which there is memory); the record's other samples are"
                + " stored",
            refused.values().stream().mapToInt(Integer::intValue).sum(),
            message.value()));
  }

  /** Samples go to their series. */
  private final class Sink implements SeriesSink {
    private final Map<String, Integer> refused;

    Sink(Map<String, Integer> refused) {
      this.refused = refused;
    }

    @Override
    public void sample(
        SortedMap<String, String> labels, Kind kind, long timeMs, long startMs, double value) {
      String reason = take(labels, kind, timeMs, startMs, value);
      if (!reason.isEmpty()) {
        refused.merge(reason, 1, Integer::sum);
      }
    }

    @Override
    public void histogram(
        SortedMap<String, String> labels,
        Kind kind,
        long timeMs,
        long startMs,
        ExponentialHistogramDataPoint point) {
      String metric = labels.getOrDefault("__name__", "");
      // What is refused here is refused and counted with its _count.
      if (point.getScale() >= SCALE_MIN && window.containsMs(timeMs) && fits(metric, labels)) {
        long id = SeriesId.of(labels);
        if (!hasRoom() || (kind == Kind.DELTA && !totals.admits(id))) {
          refused.merge(NO_ROOM, 1, Integer::sum);
        } else {
          boolean delta = kind == Kind.DELTA;
          if (!delta || isFirst(id, startMs, timeMs, point.getCount())) {
            take(id, labels, metric, kind, timeMs, Exponential.of(point));
          }
        }
      }
    }

    @Override
    public void outsized(String metric, long timeMs, int samples) {
      refused.merge(
          window.containsMs(timeMs) ? "labels_too_long" : "time_outside", samples, Integer::sum);
    }

    @Override
    public void metadata(String name, String type, String help, String unit) {
      describe(name, type, help, unit);
    }
  }

  /** Points go to their hours. */
  private final class Hours implements MetricPoints.Destination {
    private final Map<String, Integer> refused;
    private final int samples;
    private long bytes;
    private int given;

    /**
     * @param samples taken of the record; where its others had no room, neither have their points
     */
    Hours(Map<String, Integer> refused, int samples) {
      this.refused = refused;
      this.samples = samples;
    }

    @Override
    public @Nullable MetricPoints of(long timeNanos) {
      if (!window.containsNanos(timeNanos)) {
        return null;
      }
      if (bytes >= heap.recordBytesMax() || (!hasRoom() && given >= samples)) {
        // Most often its samples are counted.
        refused.putIfAbsent(NO_ROOM, 1);
        return null;
      }
      return points.computeIfAbsent(Window.bucketOfNanos(timeNanos), hour -> new MetricPoints());
    }

    @Override
    public void took(long more) {
      bytes += more;
      given++;
    }
  }

  private boolean hasRoom() {
    return heapBytes < recordEnd && recordChars < RECORD_CHARS_MAX;
  }

  private void take(
      long id,
      SortedMap<String, String> labels,
      String metric,
      SeriesSink.Kind kind,
      long timeMs,
      Exponential histogram) {
    if (kind == SeriesSink.Kind.CUMULATIVE) {
      store(id, metric, false, timeMs, histogram);
    } else {
      totals.add(id, timeMs, histogram, (at, total) -> store(id, metric, true, at, total));
    }
    enter(id, metric, labels, timeMs);
  }

  private void describe(String name, String type, String help, String unit) {
    String shownHelp = cut(help, HELP_CHARS_MAX);
    String shownUnit = cut(unit, UNIT_CHARS_MAX);
    long id = Hashes.of(String.join("\u0000", "metadata", name, type, shownHelp, shownUnit));
    if (name.length() <= METRIC_CHARS_MAX && catalogued.isNew(id) && !offered.contains(id)) {
      descriptions.put(
          id, new Batch.MetricEntry(id, name, type, shownHelp, shownUnit, clock.millis()));
    }
  }

  private static String cut(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    boolean pair = Character.isHighSurrogate(text.charAt(charsMax - 1));
    return text.substring(0, pair ? charsMax - 1 : charsMax);
  }

  private static ExportMetricsServiceRequest parse(byte[] value) {
    try {
      return ExportMetricsServiceRequest.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedOtlpException(0, String.valueOf(e.getMessage()));
    }
  }

  private String take(
      SortedMap<String, String> labels,
      SeriesSink.Kind kind,
      long timeMs,
      long startMs,
      double value) {
    if (!window.containsMs(timeMs)) {
      return "time_outside";
    }
    String metric = labels.getOrDefault("__name__", "");
    if (!fits(metric, labels)) {
      return "labels_too_long";
    }
    if (!hasRoom()) {
      return NO_ROOM;
    }
    long id = SeriesId.of(labels);
    boolean delta = kind == SeriesSink.Kind.DELTA;
    if (PrometheusSeries.isStale(value)) {
      store(id, metric, delta, timeMs, value);
    } else if (delta) {
      if (!totals.admits(id)) {
        return NO_ROOM;
      }
      if (!isFirst(id, startMs, timeMs, Double.doubleToLongBits(value))) {
        repeated++;
        return "";
      }
      long fromMs = isBegin(startMs, timeMs) ? startMs : timeMs - 1;
      totals.begin(id, fromMs, (at, total) -> store(id, metric, true, at, total));
      totals.add(id, timeMs, value, (at, total) -> store(id, metric, true, at, total));
    } else {
      if (kind == SeriesSink.Kind.CUMULATIVE
          && isBegin(startMs, timeMs)
          && starts.isNew(id, startMs)) {
        store(id, metric, false, startMs, BeginMarker.of(timeMs - startMs));
      }
      double own = BeginMarker.is(value) ? Double.NaN : value;
      SeriesSamples series = series(id, metric, false, timeMs);
      if (series.hasOther(timeMs, own)) {
        collisions.add(labels);
      }
      series.add(timeMs, own);
    }
    enter(id, metric, labels, timeMs);
    return "";
  }

  /** Whether a start can be told of a series, as it is near its point and can be stored. */
  private boolean isBegin(long startMs, long timeMs) {
    return startMs > 0
        && startMs < timeMs
        && timeMs - startMs <= BEGUN_WITHIN_MS
        && window.containsMs(startMs);
  }

  /** Whether a delta is none that was taken before; a sender that has no answer repeats it. */
  private boolean isFirst(long id, long startMs, long timeMs, long bits) {
    return recent == null || recent.isNew(id, startMs, timeMs, bits);
  }

  private void enter(long id, String metric, SortedMap<String, String> labels, long timeMs) {
    if (catalogued.isNew(id) && !offered.contains(id)) {
      String json = json(labels);
      boolean added = fresh.put(id, new Batch.SeriesEntry(id, metric, json, timeMs)) == null;
      heapBytes += added ? 2L * json.length() : 0;
    }
  }

  private boolean fits(String metric, SortedMap<String, String> labels) {
    int chars = chars(labels);
    if (metric.length() > METRIC_CHARS_MAX || chars > LABEL_CHARS_MAX) {
      return false;
    }
    recordChars += chars;
    return true;
  }

  private void store(long id, String metric, boolean accumulated, long timeMs, double value) {
    series(id, metric, accumulated, timeMs).add(timeMs, value);
  }

  private void store(
      long id, String metric, boolean accumulated, long timeMs, Exponential histogram) {
    heapBytes += histogram.bytes();
    series(id, metric, accumulated, timeMs).add(timeMs, histogram);
  }

  private SeriesSamples series(long id, String metric, boolean accumulated, long timeMs) {
    items++;
    heapBytes += SAMPLE_HEAP_BYTES;
    return byHour
        .computeIfAbsent(Window.bucketOfMs(timeMs), hour -> new HashMap<>())
        .computeIfAbsent(id, key -> begin(key, metric, accumulated));
  }

  private SeriesSamples begin(long id, String metric, boolean accumulated) {
    heapBytes += SERIES_HEAP_BYTES;
    return new SeriesSamples(id, metric, accumulated);
  }

  private static int chars(SortedMap<String, String> labels) {
    int chars = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      chars += label.getKey().length() + label.getValue().length();
    }
    return chars;
  }

  private static String json(SortedMap<String, String> labels) {
    return PostgresText.json(labels).encode();
  }

  @Override
  public int drainRepeated() {
    int drained = repeated;
    repeated = 0;
    return drained;
  }

  @Override
  public int items() {
    return items;
  }

  @Override
  public long heapBytes() {
    return heapBytes;
  }

  @Override
  public Supplier<Batch.Content> drain(long offset) {
    Map<Long, Map<Long, SeriesSamples>> hours = new TreeMap<>(byHour);
    Map<Long, MetricPoints> pointHours = Map.copyOf(points);
    List<Batch.SeriesEntry> entries = List.copyOf(fresh.values());
    List<Batch.MetricEntry> metadata = List.copyOf(descriptions.values());
    offered.addAll(fresh.keySet());
    offered.addAll(descriptions.keySet());
    Optional<List<SeriesSamples>> snapshot = snapshot();
    byHour.clear();
    points.clear();
    fresh.clear();
    descriptions.clear();
    items = 0;
    heapBytes = 0;
    return () ->
        new Batch.Samples(
            source,
            hours.entrySet().stream()
                .map(
                    hour ->
                        encode(
                            hour.getValue().values(),
                            pointHours.getOrDefault(hour.getKey(), new MetricPoints())))
                .toList(),
            entries,
            metadata,
            snapshot.map(MetricBlocks::encode));
  }

  private static EncodedMetrics encode(Collection<SeriesSamples> series, MetricPoints points) {
    return MetricBlocks.encode(series).with(points, RawMetrics.encode(points, series));
  }

  private Optional<List<SeriesSamples>> snapshot() {
    // Also without any: what is older than a snapshot need not be looked at for totals.
    if (clock.millis() < snapshotAtMs) {
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

  @Override
  public void close() {
    totals.close();
  }
}
