package dev.tocsin.otlp.prometheus;

import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.otlp.wire.AttributeText;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * OTLP metrics as Prometheus series, by the OpenTelemetry-to-Prometheus compatibility rules: names
 * and units by {@link PrometheusNames}; {@code job} and {@code instance} from the resource, its
 * other attributes on {@code target_info}; histograms as {@code _bucket}, {@code _sum}, {@code
 * _count}; summaries as {@code quantile} series. Exponential histograms give {@code _sum} and
 * {@code _count}, and are passed on whole beside them (without a value, as a staleness marker).
 * Points without a time and cumulative points of unspecified temporality are left out. What tells
 * resources and scopes apart where {@code job} and {@code instance} do not is said by {@link
 * SeriesNaming}. However a request is made, the work for it and what is passed on stay in
 * proportion to its bytes and {@link #LABELS_CHARS_MAX}.
 *
 * <p>Stateless: deltas are passed on as deltas. Used from any thread.
 */
public final class PrometheusSeries {
  /** Prometheus's staleness marker: a NaN by its bits, to be compared by bits. */
  public static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

  /**
   * Characters of names and values, identity included, beyond which a point makes no series: it is
   * {@link SeriesSink#outsized}. Each of a point's series repeats them.
   */
  public static final int LABELS_CHARS_MAX = 32_768;

  private static final int METRIC_NAME_CHARS_MAX = 1_024;
  private static final int UNIT_CHARS_MAX = 64;
  private static final long NANOS_PER_MS = 1_000_000;

  private final SeriesSink sink;

  /** What the series of a metric are called beside the attributes of their points. */
  private SortedMap<String, String> identity;

  private long identityChars;
  private long newestMs;
  private long newestOutsizedMs;

  private PrometheusSeries(SortedMap<String, String> identity, SeriesSink sink) {
    this.sink = sink;
    this.identity = identity;
    this.identityChars = characters(identity);
  }

  private void identify(SortedMap<String, String> labels) {
    if (labels != identity) {
      identity = labels;
      identityChars = characters(labels);
    }
  }

  private static long characters(Map<String, String> texts) {
    long characters = 0;
    for (Map.Entry<String, String> text : texts.entrySet()) {
      characters += text.getKey().length() + text.getValue().length();
    }
    return characters;
  }

  /** Whether a sample is the staleness marker; plain comparison cannot tell. */
  public static boolean isStale(double value) {
    return Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(STALE);
  }

  /** As the other, with {@link IdentifyingAttributes#DEFAULT}. */
  public static void read(ExportMetricsServiceRequest request, SeriesSink sink) {
    read(request, SeriesNaming.of(request, IdentifyingAttributes.DEFAULT), sink);
  }

  /**
   * Passes every point of the request to the sink, in the order of the request.
   *
   * @param naming of that request
   */
  public static void read(
      ExportMetricsServiceRequest request, SeriesNaming naming, SeriesSink sink) {
    for (int i = 0; i < request.getResourceMetricsCount(); i++) {
      ResourceMetrics resourceMetrics = request.getResourceMetrics(i);
      PrometheusSeries reader = new PrometheusSeries(naming.resource(i), sink);
      for (ScopeMetrics scopeMetrics : resourceMetrics.getScopeMetricsList()) {
        for (Metric metric : scopeMetrics.getMetricsList()) {
          reader.identify(naming.labels(i, scopeMetrics.getScope(), metric));
          reader.metric(metric);
        }
      }
      reader.identify(naming.resource(i));
      reader.targetInfo(resourceMetrics.getResource());
    }
  }

  /**
   * Passes every point of one metric to the sink.
   *
   * @param identity as {@link SeriesNaming#labels} has it
   */
  public static void read(SortedMap<String, String> identity, Metric metric, SeriesSink sink) {
    new PrometheusSeries(identity, sink).metric(metric);
  }

  /** The labels {@code job} and {@code instance} of a resource, as far as it has them. */
  public static SortedMap<String, String> identity(Resource resource) {
    SortedMap<String, String> labels = new TreeMap<>();
    String namespace = "";
    for (KeyValue attribute : resource.getAttributesList()) {
      String text = AttributeText.of(attribute.getValue());
      switch (attribute.getKey()) {
        case "service.name" -> labels.put("job", text);
        case "service.namespace" -> namespace = text;
        case "service.instance.id" -> labels.put("instance", text);
        default -> {}
      }
    }
    String job = labels.get("job");
    if (job != null && !namespace.isEmpty()) {
      labels.put("job", namespace + "/" + job);
    }
    labels.values().removeIf(String::isEmpty);
    return labels;
  }

  private void targetInfo(Resource resource) {
    List<KeyValue> others =
        resource.getAttributesList().stream().filter(a -> !isIdentity(a.getKey())).toList();
    if (Math.max(newestMs, newestOutsizedMs) == 0 || identity.isEmpty() || others.isEmpty()) {
      return;
    }
    SortedMap<String, String> labels = labels("target_info", others);
    if (labels == null || newestMs == 0) {
      // It goes with other series of its resource, and is missing along with them.
      if (labels == null || labels.size() > identity.size() + 1) {
        sink.outsized("target_info", newestMs == 0 ? newestOutsizedMs : newestMs, 1);
      }
    } else if (labels.size() > identity.size() + 1) {
      sink.metadata("target_info", "gauge", "Target metadata", "");
      sink.sample(labels, Kind.GAUGE, newestMs, 0, 1);
    }
  }

  /** Whether a resource's attribute names its series; the others are labels of target_info. */
  public static boolean isIdentity(String key) {
    return key.equals("service.name")
        || key.equals("service.namespace")
        || key.equals("service.instance.id");
  }

  private void metric(Metric metric) {
    switch (metric.getDataCase()) {
      case GAUGE -> {
        String name = name(metric, PrometheusNames.Kind.GAUGE);
        describe(metric, name, "gauge", metric.getGauge().getDataPointsCount());
        metric.getGauge().getDataPointsList().forEach(p -> number(name, Kind.GAUGE, p));
      }
      case SUM -> sum(metric);
      case HISTOGRAM -> {
        String name = name(metric, PrometheusNames.Kind.OTHER);
        Kind kind = kind(metric.getHistogram().getAggregationTemporality());
        describe(metric, name, "histogram", metric.getHistogram().getDataPointsCount());
        metric.getHistogram().getDataPointsList().forEach(p -> histogram(name, kind, p));
      }
      case EXPONENTIAL_HISTOGRAM -> exponential(metric);
      case SUMMARY -> {
        String name = name(metric, PrometheusNames.Kind.OTHER);
        describe(metric, name, "summary", metric.getSummary().getDataPointsCount());
        metric.getSummary().getDataPointsList().forEach(p -> summary(name, p));
      }
      default -> {}
    }
  }

  private void describe(Metric metric, String name, String type, int points) {
    if (points > 0) {
      sink.metadata(name, type, metric.getDescription(), PrometheusNames.unit(unit(metric)));
    }
  }

  private void sum(Metric metric) {
    boolean monotonic = metric.getSum().getIsMonotonic();
    Kind temporality = kind(metric.getSum().getAggregationTemporality());
    boolean total = temporality == Kind.CUMULATIVE && !monotonic;
    Kind kind = total ? Kind.GAUGE : temporality;
    String name = sumName(metric);
    String type = monotonic ? "counter" : "gauge";
    describe(metric, name, type, metric.getSum().getDataPointsCount());
    metric.getSum().getDataPointsList().forEach(p -> number(name, kind, p));
  }

  private void exponential(Metric metric) {
    String name = name(metric, PrometheusNames.Kind.OTHER);
    ExponentialHistogram histogram = metric.getExponentialHistogram();
    Kind kind = kind(histogram.getAggregationTemporality());
    describe(metric, name, "histogram", histogram.getDataPointsCount());
    histogram.getDataPointsList().forEach(p -> exponential(name, kind, p));
  }

  /** The name of a metric, without the endings of a histogram's or summary's series. */
  static String name(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE -> name(metric, PrometheusNames.Kind.GAUGE);
      case SUM -> sumName(metric);
      default -> name(metric, PrometheusNames.Kind.OTHER);
    };
  }

  private static String sumName(Metric metric) {
    return name(
        metric,
        metric.getSum().getIsMonotonic()
            ? PrometheusNames.Kind.MONOTONIC_SUM
            : PrometheusNames.Kind.OTHER);
  }

  private static String name(Metric metric, PrometheusNames.Kind kind) {
    return PrometheusNames.metric(bounded(metric.getName()), unit(metric), kind);
  }

  /** No reader takes a name that long; yet it stays another than those it begins like. */
  private static String bounded(String name) {
    return name.length() <= METRIC_NAME_CHARS_MAX
        ? name
        : name.substring(0, METRIC_NAME_CHARS_MAX) + "_" + Integer.toHexString(name.hashCode());
  }

  private static String unit(Metric metric) {
    String unit = metric.getUnit();
    return unit.length() <= UNIT_CHARS_MAX ? unit : unit.substring(0, UNIT_CHARS_MAX);
  }

  private static Kind kind(AggregationTemporality temporality) {
    return temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
        ? Kind.DELTA
        : Kind.CUMULATIVE;
  }

  private void number(String name, Kind kind, NumberDataPoint point) {
    double value = point.hasAsInt() ? point.getAsInt() : point.getAsDouble();
    Point at = new Point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getFlags());
    SortedMap<String, String> labels = labels(name, point.getAttributesList());
    if (labels == null) {
      outsized(name, at, 1);
      return;
    }
    point.getExemplarsList().forEach(e -> sink.exemplar(labels, e));
    emit(labels, kind, at, value);
  }

  private void histogram(String name, Kind kind, HistogramDataPoint point) {
    Point at = new Point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getFlags());
    SortedMap<String, String> base = labels(name, point.getAttributesList());
    if (base == null) {
      outsized(name + "_bucket", at, point.getExplicitBoundsCount() + 1);
      outsizedTotals(name, at, point.hasSum());
      return;
    }
    double running = 0;
    for (int i = 0; i < point.getBucketCountsCount(); i++) {
      running += count(point.getBucketCounts(i));
      boolean last = i >= point.getExplicitBoundsCount();
      if (!last) {
        String bound = number(point.getExplicitBounds(i));
        emit(with(base, name + "_bucket", "le", bound), kind, at, running);
      }
    }
    emit(with(base, name + "_bucket", "le", "+Inf"), kind, at, count(point.getCount()));
    if (point.hasSum()) {
      emit(named(base, name + "_sum"), kind, at, point.getSum());
    }
    emit(named(base, name + "_count"), kind, at, count(point.getCount()));
    exemplars(base, name, point);
  }

  private void exemplars(SortedMap<String, String> base, String name, HistogramDataPoint point) {
    Map<String, SortedMap<String, String>> buckets = new HashMap<>();
    for (Exemplar exemplar : point.getExemplarsList()) {
      String bound = bound(point, value(exemplar));
      sink.exemplar(
          buckets.computeIfAbsent(bound, le -> with(base, name + "_bucket", "le", le)), exemplar);
    }
  }

  /** The value of an exemplar, whichever type it has. */
  public static double value(Exemplar exemplar) {
    return exemplar.hasAsInt() ? exemplar.getAsInt() : exemplar.getAsDouble();
  }

  /** A count as OTLP has it, 64 bits without a sign. */
  private static double count(long bits) {
    return bits >= 0 ? bits : 2.0 * (bits >>> 1);
  }

  /** The first bound that is not below the value; bounds ascend. */
  private static String bound(HistogramDataPoint point, double value) {
    int from = 0;
    int to = point.getExplicitBoundsCount();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (value <= point.getExplicitBounds(middle)) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from < point.getExplicitBoundsCount() ? number(point.getExplicitBounds(from)) : "+Inf";
  }

  private void exponential(String name, Kind kind, ExponentialHistogramDataPoint point) {
    Point at = new Point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getFlags());
    SortedMap<String, String> base = labels(name, point.getAttributesList());
    if (base == null) {
      outsizedTotals(name, at, point.hasSum());
      return;
    }
    if (point.hasSum()) {
      emit(named(base, name + "_sum"), kind, at, point.getSum());
    }
    emit(named(base, name + "_count"), kind, at, count(point.getCount()));
    if (!at.hasValue()) {
      emit(named(base, name), kind, at, STALE);
    } else if (at.timeNanos != 0) {
      sink.histogram(
          named(base, name),
          kind,
          Long.divideUnsigned(at.timeNanos, NANOS_PER_MS),
          Long.divideUnsigned(at.startNanos, NANOS_PER_MS),
          point);
    }
    point.getExemplarsList().forEach(e -> sink.exemplar(base, e));
  }

  private void summary(String name, SummaryDataPoint point) {
    Point at = new Point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getFlags());
    SortedMap<String, String> base = labels(name, point.getAttributesList());
    if (base == null) {
      outsized(name, at, point.getQuantileValuesCount());
      outsizedTotals(name, at, true);
      return;
    }
    for (SummaryDataPoint.ValueAtQuantile quantile : point.getQuantileValuesList()) {
      SortedMap<String, String> labels =
          with(base, name, "quantile", number(quantile.getQuantile()));
      emit(labels, Kind.GAUGE, at, quantile.getValue());
    }
    emit(named(base, name + "_sum"), Kind.CUMULATIVE, at, point.getSum());
    emit(named(base, name + "_count"), Kind.CUMULATIVE, at, count(point.getCount()));
  }

  /** Time, start and flags of a point, of whatever type. */
  private record Point(long timeNanos, long startNanos, int flags) {
    boolean hasValue() {
      return (flags & DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE) == 0;
    }
  }

  private void emit(SortedMap<String, String> labels, Kind kind, Point at, double value) {
    if (at.timeNanos == 0) {
      return;
    }
    long timeMs = Long.divideUnsigned(at.timeNanos, NANOS_PER_MS);
    long startMs = Long.divideUnsigned(at.startNanos, NANOS_PER_MS);
    newestMs = Math.max(newestMs, timeMs);
    sink.sample(labels, kind, timeMs, startMs, at.hasValue() ? value : STALE);
  }

  private void outsizedTotals(String name, Point at, boolean hasSum) {
    outsized(name + "_sum", at, hasSum ? 1 : 0);
    outsized(name + "_count", at, 1);
  }

  private void outsized(String metric, Point at, int samples) {
    if (at.timeNanos == 0 || samples == 0) {
      return;
    }
    long timeMs = Long.divideUnsigned(at.timeNanos, NANOS_PER_MS);
    newestOutsizedMs = Math.max(newestOutsizedMs, timeMs);
    sink.outsized(metric, timeMs, samples);
  }

  /**
   * No attribute may replace {@code job}, {@code instance} or the labels of a scope; attributes
   * whose names become equal are joined with a semicolon in the order of their keys.
   *
   * @return null when there are more than {@link #LABELS_CHARS_MAX}
   */
  private @Nullable SortedMap<String, String> labels(String name, List<KeyValue> attributes) {
    if (identityChars > LABELS_CHARS_MAX) {
      return null;
    }
    SortedMap<String, String> byKey = new TreeMap<>();
    attributes.forEach(a -> byKey.put(a.getKey(), AttributeText.of(a.getValue())));
    byKey.values().removeIf(String::isEmpty);
    if (identityChars + characters(byKey) > LABELS_CHARS_MAX) {
      return null;
    }
    SortedMap<String, String> labels = new TreeMap<>();
    for (Map.Entry<String, String> attribute : byKey.entrySet()) {
      if (!attribute.getKey().isEmpty()) {
        String label = PrometheusNames.label(attribute.getKey());
        labels.merge(label, attribute.getValue(), (first, second) -> first + ";" + second);
      }
    }
    identity.forEach((label, value) -> identify(labels, label, value));
    labels.put("__name__", name);
    return labels;
  }

  /** What was promoted to a label gives way to an attribute, as Prometheus has it. */
  private static void identify(SortedMap<String, String> labels, String label, String value) {
    switch (label) {
      case "job", "instance", SeriesNaming.SCOPE_NAME, SeriesNaming.SCOPE_VERSION ->
          labels.put(label, value);
      default -> labels.putIfAbsent(label, value);
    }
  }

  private static SortedMap<String, String> named(SortedMap<String, String> base, String name) {
    SortedMap<String, String> labels = new TreeMap<>(base);
    labels.put("__name__", name);
    return labels;
  }

  private static SortedMap<String, String> with(
      SortedMap<String, String> base, String name, String label, String value) {
    SortedMap<String, String> labels = named(base, name);
    labels.put(label, value);
    return labels;
  }

  /** A float as Prometheus writes it in {@code le} and {@code quantile}: shortest, no exponent. */
  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return value == 0
        ? "0"
        : new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
