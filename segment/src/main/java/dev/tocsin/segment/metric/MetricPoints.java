package dev.tocsin.segment.metric;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.prometheus.SeriesNaming;
import dev.tocsin.segment.column.SegmentFormatException;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * OTLP metric points with everything they hold, stream by stream. Points come out as they went in,
 * but for their order and how requests grouped them. Not thread-safe.
 */
public final class MetricPoints {
  /** A name beyond it is of no series that is stored. */
  private static final int NAMING_BYTES_MAX = PrometheusSeries.LABELS_CHARS_MAX;

  private final Map<PointStream.Key, PointStream<?>> streams = new LinkedHashMap<>();

  /** Streams of the points that a metric had last, in their order. */
  private final Map<Place, List<PointStream<?>>> usual = new HashMap<>();

  /** Where a point goes by its time. */
  public interface Destination {
    /**
     * @param time nanoseconds since 1970
     * @return null for nowhere
     */
    @Nullable MetricPoints of(long time);

    /** Told after each point that came there, with the bytes that it takes in memory, about. */
    default void took(long bytes) {}
  }

  /**
   * Gives every point of a request to its destination.
   *
   * @param naming of that request
   */
  public static void distribute(
      ExportMetricsServiceRequest request, SeriesNaming naming, Destination destination) {
    for (int i = 0; i < request.getResourceMetricsCount(); i++) {
      ResourceMetrics resource = request.getResourceMetrics(i);
      ByteString resourceBytes = resource.toBuilder().clearScopeMetrics().build().toByteString();
      for (ScopeMetrics scope : resource.getScopeMetricsList()) {
        ByteString scopeBytes = scope.toBuilder().clearMetrics().build().toByteString();
        for (Metric metric : scope.getMetricsList()) {
          Metric header = header(metric);
          Naming names = new Naming(naming.labels(i, scope.getScope(), metric), naming(header));
          Place place = new Place(resourceBytes, scopeBytes, header.toByteString(), names);
          distribute(place, metric, destination);
        }
      }
    }
  }

  /**
   * What names the series of a metric, without what is too long for a name.
   *
   * @param identity as {@link SeriesNaming#labels} has it
   */
  private record Naming(SortedMap<String, String> identity, Metric metric) {}

  private static Metric naming(Metric header) {
    Metric.Builder naming = header.toBuilder().clearDescription().clearMetadata();
    return naming.getName().length() <= NAMING_BYTES_MAX
        ? naming.build()
        : naming.clearName().build();
  }

  /** Where points belong; as in {@link PointStream.Key}, which tells places apart. */
  private record Place(ByteString resource, ByteString scope, ByteString metric, Naming naming) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Place that
          && resource.equals(that.resource)
          && scope.equals(that.scope)
          && metric.equals(that.metric);
    }

    @Override
    public int hashCode() {
      return Objects.hash(resource, scope, metric);
    }
  }

  private static Metric header(Metric metric) {
    Metric.Builder header = metric.toBuilder();
    switch (metric.getDataCase()) {
      case GAUGE -> header.getGaugeBuilder().clearDataPoints();
      case SUM -> header.getSumBuilder().clearDataPoints();
      case HISTOGRAM -> header.getHistogramBuilder().clearDataPoints();
      case EXPONENTIAL_HISTOGRAM -> header.getExponentialHistogramBuilder().clearDataPoints();
      case SUMMARY -> header.getSummaryBuilder().clearDataPoints();
      case DATA_NOT_SET -> {}
    }
    return header.build();
  }

  private static void distribute(Place place, Metric metric, Destination to) {
    switch (metric.getDataCase()) {
      case GAUGE ->
          distribute(place, PointShape.NUMBERS, metric.getGauge().getDataPointsList(), to);
      case SUM -> distribute(place, PointShape.NUMBERS, metric.getSum().getDataPointsList(), to);
      case HISTOGRAM ->
          distribute(place, PointShape.HISTOGRAMS, metric.getHistogram().getDataPointsList(), to);
      case EXPONENTIAL_HISTOGRAM ->
          distribute(
              place,
              PointShape.EXPONENTIALS,
              metric.getExponentialHistogram().getDataPointsList(),
              to);
      case SUMMARY ->
          distribute(place, PointShape.SUMMARIES, metric.getSummary().getDataPointsList(), to);
      case DATA_NOT_SET -> {}
    }
  }

  private static <P extends Message> void distribute(
      Place place, PointShape<P> shape, List<P> points, Destination destination) {
    @Nullable MetricPoints last = null;
    List<PointStream<?>> usual = List.of();
    for (int i = 0; i < points.size(); i++) {
      P point = points.get(i);
      long time = shape.time(point);
      MetricPoints target = destination.of(time);
      if (target == null) {
        continue;
      }
      if (target != last) {
        usual = target.usual.computeIfAbsent(place, unused -> new ArrayList<>());
        last = target;
      }
      PointStream<P> stream = target.stream(place, shape, point, usual, i);
      long before = stream.size() == 0 ? 0 : stream.bytes();
      stream.add(point, time, shape.start(point), shape.exemplars(point));
      destination.took(stream.bytes() - before);
    }
  }

  /** Senders tend to send the points of a metric in the same order every time. */
  private <P extends Message> PointStream<P> stream(
      Place place, PointShape<P> shape, P point, List<PointStream<?>> usual, int index) {
    if (index < usual.size()) {
      PointStream<P> expected = typed(usual.get(index));
      if (shape.isLike(expected.constant, point)) {
        return expected;
      }
    }
    PointStream<P> stream = stream(place, shape, point);
    if (index < usual.size()) {
      usual.set(index, stream);
    } else if (index == usual.size()) {
      usual.add(stream);
    }
    return stream;
  }

  private <P extends Message> PointStream<P> stream(Place place, PointShape<P> shape, P point) {
    PointStream.Key key =
        new PointStream.Key(place.resource, place.scope, place.metric, shape.constant(point));
    PointStream<?> known = streams.get(key);
    if (known == null) {
      PointStream<P> stream = new PointStream<>(key, shape, seriesIds(place.naming, shape, point));
      streams.put(key, stream);
      return stream;
    }
    return typed(known);
  }

  /** The type of its points is told by the metric, which streams of one place have in common. */
  @SuppressWarnings("unchecked")
  private static <P extends Message> PointStream<P> typed(PointStream<?> stream) {
    return (PointStream<P>) stream;
  }

  private static <P extends Message> long[] seriesIds(Naming naming, PointShape<P> shape, P point) {
    Metric.Builder metric = naming.metric.toBuilder();
    shape.add(point, 1, 0, shape.numbers(point), ByteString.EMPTY, List.of(), metric);
    List<Long> ids = new ArrayList<>();
    PrometheusSeries.read(
        naming.identity,
        metric.build(),
        (labels, kind, timeMs, startMs, value) -> ids.add(SeriesId.of(labels)));
    return ids.stream().mapToLong(id -> id).toArray();
  }

  private static Metric.Builder metric(ByteString header) {
    try {
      return Metric.newBuilder().mergeFrom(header);
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored metric: " + e.getMessage(), e);
    }
  }

  private static ResourceMetrics.Builder resource(ByteString resource) {
    try {
      return ResourceMetrics.newBuilder().mergeFrom(resource);
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }

  private static ScopeMetrics.Builder scope(ByteString scope) {
    try {
      return ScopeMetrics.newBuilder().mergeFrom(scope);
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored scope: " + e.getMessage(), e);
    }
  }

  private static ExportMetricsServiceRequest request(
      ByteString resource, ByteString scope, Metric.Builder metric) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(resource(resource).addScopeMetrics(scope(scope).addMetrics(metric)))
        .build();
  }

  /** A stream's points and what they are points of, as one request. */
  static ExportMetricsServiceRequest request(PointStream<?> stream) {
    Metric.Builder metric = metric(stream.key.metric());
    stream.addTo(metric);
    return request(stream.key.resource(), stream.key.scope(), metric);
  }

  /** Takes a stream over; its points are added when there is one like it. */
  void add(PointStream<?> stream) {
    PointStream<?> known = streams.putIfAbsent(stream.key, stream);
    if (known != null) {
      known.addAll(stream);
    }
  }

  /** Takes all points of others, which are not to be used any more. */
  public void addAll(MetricPoints others) {
    others.streams.values().forEach(this::add);
  }

  /** By series, the first of those that show the same points; the others are named once. */
  public Map<Long, Long> leaders() {
    Map<Long, Long> leaders = new HashMap<>();
    for (PointStream<?> stream : streams.values()) {
      long leader = 0;
      for (long id : stream.seriesIds) {
        leader = leaders.getOrDefault(id, leader);
      }
      for (long id : stream.seriesIds) {
        leader = leader == 0 ? id : leader;
        leaders.putIfAbsent(id, leader);
      }
    }
    leaders.remove(0L);
    return leaders;
  }

  /**
   * Shares the points out over blocks, each to the one that has its series; what belongs nowhere
   * comes to the first.
   *
   * @return as many as there are blocks
   */
  public List<MetricPoints> split(List<List<SeriesSamples>> blocks) {
    Map<Long, Integer> places = new HashMap<>();
    List<MetricPoints> shares = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      shares.add(new MetricPoints());
      for (SeriesSamples series : blocks.get(i)) {
        places.put(series.id(), i);
      }
    }
    for (PointStream<?> stream : streams.values()) {
      int place = 0;
      for (long id : stream.seriesIds) {
        place = Math.max(place, places.getOrDefault(id, 0));
      }
      shares.get(place).add(stream);
    }
    return shares;
  }

  /** Bytes they take in memory, about. */
  public long bytes() {
    Set<ByteString> shared = new HashSet<>();
    long bytes = 0;
    for (PointStream<?> stream : streams.values()) {
      bytes += stream.bytes();
      for (ByteString text :
          List.of(stream.key.resource(), stream.key.scope(), stream.key.metric())) {
        bytes += shared.add(text) ? 2L * text.size() : 0;
      }
    }
    return bytes;
  }

  Collection<PointStream<?>> streams() {
    return streams.values();
  }

  public boolean isEmpty() {
    return streams.isEmpty();
  }

  /** All points by resource, scope and metric. */
  public ExportMetricsServiceRequest toRequest() {
    Map<ByteString, Map<ByteString, Map<ByteString, Metric.Builder>>> tree = new LinkedHashMap<>();
    for (PointStream<?> stream : streams.values()) {
      stream.addTo(
          tree.computeIfAbsent(stream.key.resource(), r -> new LinkedHashMap<>())
              .computeIfAbsent(stream.key.scope(), s -> new LinkedHashMap<>())
              .computeIfAbsent(stream.key.metric(), MetricPoints::metric));
    }
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    tree.forEach(
        (resourceBytes, scopes) -> {
          ResourceMetrics.Builder resource = resource(resourceBytes);
          scopes.forEach(
              (scopeBytes, metrics) -> {
                ScopeMetrics.Builder scope = scope(scopeBytes);
                metrics.values().forEach(scope::addMetrics);
                resource.addScopeMetrics(scope);
              });
          request.addResourceMetrics(resource);
        });
    return request.build();
  }
}
