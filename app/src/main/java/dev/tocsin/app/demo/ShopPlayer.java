package dev.tocsin.app.demo;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Says planned operations through the SDKs: spans, logs and metrics. Used by one thread. */
final class ShopPlayer {
  private static final String SCOPE = "dev.tocsin.demo.shop";
  private static final int LINKS_MAX = 32;
  private static final List<Double> DURATION_BUCKETS_S =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);
  private static final List<String> HTTP_DIMENSIONS =
      List.of("http.request.method", "http.route", "url.scheme", "error.type");
  private static final List<String> DB_DIMENSIONS =
      List.of(
          "db.system.name",
          "db.namespace",
          "db.collection.name",
          "db.operation.name",
          "error.type");

  private final ShopTelemetry telemetry;
  private final Map<ShopService, Instruments> instruments = new EnumMap<>(ShopService.class);
  private final Deque<SpanContext> unread = new ArrayDeque<>();

  ShopPlayer(ShopTelemetry telemetry) {
    this.telemetry = telemetry;
    for (ShopService service : ShopService.values()) {
      instruments.put(service, new Instruments(telemetry.of(service)));
    }
  }

  /** Plays the operation and everything below it so that the last part ends at that instant. */
  void play(Operation root, Instant end) {
    long endNanos = TimeUnit.SECONDS.toNanos(end.getEpochSecond()) + end.getNano();
    play(root, endNanos - root.spreadNanos(), Context.root());
  }

  private void play(Operation operation, long startNanos, Context parent) {
    OpenTelemetrySdk sdk = telemetry.of(operation.service());
    long endNanos = startNanos + operation.durationNanos();
    Span span = begin(operation, sdk, startNanos, parent);
    Context context = parent.with(span);

    long begin = startNanos + operation.leadNanos();
    for (Operation step : operation.steps()) {
      play(step, begin, context);
      begin += step.durationNanos();
    }
    long logNanos = begin;
    operation.logs().forEach(line -> log(sdk, line, logNanos, context));
    operation.failure().ifPresent(failure -> fail(span, failure, logNanos));
    span.end(endNanos, TimeUnit.NANOSECONDS);

    measure(operation, context);
    if (operation.kind() == SpanKind.PRODUCER) {
      unread.addLast(span.getSpanContext());
    }
    for (Operation follower : operation.followers()) {
      play(follower, endNanos, context);
    }
  }

  private Span begin(Operation operation, OpenTelemetrySdk sdk, long startNanos, Context parent) {
    SpanBuilder builder =
        sdk.getTracer(SCOPE)
            .spanBuilder(operation.name())
            .setSpanKind(operation.kind())
            .setParent(parent)
            .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS)
            .setAllAttributes(operation.attributes());
    if (operation.readsBatch()) {
      for (int i = 0; i < LINKS_MAX && !unread.isEmpty(); i++) {
        builder.addLink(unread.removeFirst());
      }
      unread.clear();
    } else if (operation.kind() == SpanKind.CONSUMER) {
      builder.addLink(Span.fromContext(parent).getSpanContext());
    }
    return builder.startSpan();
  }

  private static void fail(Span span, Failure failure, long atNanos) {
    span.setStatus(StatusCode.ERROR, failure.description());
    failure
        .thrown()
        .ifPresent(
            thrown ->
                span.addEvent(
                    "exception",
                    Attributes.builder()
                        .put("exception.type", thrown.type())
                        .put("exception.message", thrown.message())
                        .put("exception.stacktrace", thrown.stackTrace())
                        .build(),
                    atNanos,
                    TimeUnit.NANOSECONDS));
  }

  private static void log(OpenTelemetrySdk sdk, LogLine line, long atNanos, Context context) {
    Logger logger = sdk.getSdkLoggerProvider().get(SCOPE);
    logger
        .logRecordBuilder()
        .setContext(context)
        .setTimestamp(atNanos, TimeUnit.NANOSECONDS)
        .setSeverity(line.severity())
        .setSeverityText(line.severity().name())
        .setBody(line.body())
        .setAllAttributes(line.attributes())
        .emit();
  }

  private void measure(Operation operation, Context context) {
    Instruments of = instruments.get(operation.service());
    if (of == null) {
      return;
    }
    double seconds = operation.durationNanos() / 1e9;
    Attributes all = operation.attributes();
    if (operation.kind() == SpanKind.SERVER) {
      of.serverDuration.record(seconds, dimensions(all, HTTP_DIMENSIONS), context);
    } else if (all.get(AttributeKey.stringKey("db.system.name")) != null) {
      of.databaseDuration.record(seconds, dimensions(all, DB_DIMENSIONS), context);
    }
    operation.measures().forEach(measure -> of.record(measure, context));
  }

  private static Attributes dimensions(Attributes all, List<String> names) {
    AttributesBuilder kept = Attributes.builder();
    for (String name : names) {
      String value = all.get(AttributeKey.stringKey(name));
      if (value != null) {
        kept.put(name, value);
      }
    }
    Long status = all.get(AttributeKey.longKey("http.response.status_code"));
    if (status != null) {
      kept.put("http.response.status_code", status.longValue());
    }
    return kept.build();
  }

  /** The instruments of one service, made once. */
  private static final class Instruments {
    private final Meter meter;
    private final DoubleHistogram serverDuration;
    private final DoubleHistogram databaseDuration;
    private final Map<String, Consumer<Recording>> figures = new HashMap<>();

    private record Recording(Measure measure, Context context) {}

    Instruments(OpenTelemetrySdk sdk) {
      meter = sdk.getMeter(SCOPE);
      serverDuration = duration("http.server.request.duration", "HTTP requests served");
      databaseDuration = duration("db.client.operation.duration", "Database commands sent");
    }

    private DoubleHistogram duration(String name, String what) {
      return meter
          .histogramBuilder(name)
          .setUnit("s")
          .setDescription(what)
          .setExplicitBucketBoundariesAdvice(DURATION_BUCKETS_S)
          .build();
    }

    void record(Measure measure, Context context) {
      figures
          .computeIfAbsent(measure.metric(), name -> create(measure))
          .accept(new Recording(measure, context));
    }

    private Consumer<Recording> create(Measure measure) {
      if (measure.kind() == Measure.Kind.GAUGE) {
        var gauge = meter.gaugeBuilder(measure.metric()).setUnit(measure.unit()).build();
        return r -> gauge.set(r.measure.value(), r.measure.attributes(), r.context);
      }
      var counter =
          meter.counterBuilder(measure.metric()).ofDoubles().setUnit(measure.unit()).build();
      return r -> counter.add(r.measure.value(), r.measure.attributes(), r.context);
    }
  }
}
