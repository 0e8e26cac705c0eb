package dev.tocsin.testkit.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Spans and logs that are large, deep or many in one respect: what an honest program sends by a
 * mistake, and somebody who is not honest on purpose. Not thread-safe.
 */
final class Shapes {
  /** A value in an array in a value: two messages each, under the some five around a body. */
  private static final int ARRAYS_MAX = 46;

  private static final int MILLION = 1_000_000;

  private final SplittableRandom random;
  private final OddValues values;
  private final Ordinary ordinary;
  private final HostileMetrics metrics;

  /** A request with a name for what is odd in it. */
  record Shape(String name, Supplier<Message.Builder> request) {}

  Shapes(SplittableRandom random, long nowNanos) {
    this.random = random;
    this.values = new OddValues(random, nowNanos);
    this.ordinary = new Ordinary(random, nowNanos);
    this.metrics = new HostileMetrics(random, nowNanos);
  }

  List<Shape> of(Signal signal) {
    return switch (signal) {
      case TRACES -> spans();
      case METRICS -> metrics.shapes();
      case LOGS -> logs();
      case PROFILES -> List.of();
    };
  }

  private List<Shape> spans() {
    return List.of(
        new Shape("giant service name", () -> spans(resource(giant()), span())),
        new Shape("giant span name", () -> spans(resource("s"), span().setName(giant()))),
        new Shape("giant key", () -> spans(resource("s"), span().addAttributes(giantKey()))),
        new Shape("giant trace state", () -> spans(resource("s"), span().setTraceState(giant()))),
        new Shape(
            "giant attribute",
            () -> spans(resource("s"), span().addAttributes(Ordinary.attribute("k", giant())))),
        new Shape(
            "20,000 attributes",
            () -> spans(resource("s"), span().addAllAttributes(attributes(20_000)))),
        new Shape(
            "20,000 resource attributes",
            () -> spans(resource("s").addAllAttributes(attributes(20_000)), span())),
        new Shape("10,000 events", () -> spans(resource("s"), events(10_000))),
        new Shape("a name of its own for each span", () -> named(3_000)),
        new Shape("100,000 tiny spans", () -> tiny(100_000)),
        new Shape("one span id 50 times", () -> same(50)),
        new Shape("spans that are their own parents", this::circle),
        new Shape("deep attribute", () -> spans(resource("s"), span().addAttributes(deep()))),
        new Shape("duplicate keys", () -> spans(duplicates(), span())),
        new Shape("nothing but an empty resource", () -> spans(Resource.newBuilder())),
        new Shape("empty resources, many", this::emptyResources),
        new Shape("empty attributes, many", () -> spans(resource("s"), emptyAttributes(many()))),
        new Shape(
            "empty attributes, too many", () -> spans(resource("s"), emptyAttributes(MILLION))),
        new Shape("empty events, many", () -> spans(resource("s"), emptyEvents())),
        new Shape("empty links, many", () -> spans(resource("s"), emptyLinks())),
        new Shape("empty values, many", () -> spans(resource("s"), emptyValues())));
  }

  private List<Shape> logs() {
    return List.of(
        new Shape("giant service name", () -> logs(resource(giant()), line("x"))),
        new Shape("giant body", () -> logs(resource("s"), line(giant()))),
        new Shape("giant event name", () -> logs(resource("s"), line("x").setEventName(giant()))),
        new Shape("giant severity", () -> logs(resource("s"), line("x").setSeverityText(giant()))),
        new Shape("giant key", () -> logs(resource("s"), line("x").addAttributes(giantKey()))),
        new Shape("body of bytes", () -> logs(resource("s"), line("").setBody(bytes()))),
        new Shape("deep body", () -> logs(resource("s"), line("").setBody(nested(ARRAYS_MAX)))),
        new Shape("4,000 lines of 1 kB", () -> many(4_000, "x".repeat(1_000))),
        new Shape("100,000 empty lines", () -> many(100_000, "")),
        new Shape(
            "20,000 attributes",
            () -> logs(resource("s"), line("x").addAllAttributes(attributes(20_000)))),
        new Shape("empty attributes, many", () -> logs(resource("s"), emptyAttributesOfLine())),
        new Shape("duplicate keys", () -> logs(duplicates(), line("x"))),
        new Shape("a record of nothing", () -> logs(resource("s"), LogRecord.newBuilder())));
  }

  /** Of things that are next to nothing as bytes, and take some hundred times as much memory. */
  private int many() {
    return 200_000 + random.nextInt(300_000);
  }

  private ExportTraceServiceRequest.Builder emptyResources() {
    return spans(resource("s"), span())
        .addAllResourceSpans(Collections.nCopies(many(), ResourceSpans.getDefaultInstance()));
  }

  private Span.Builder emptyAttributes(int count) {
    return span().addAllAttributes(Collections.nCopies(count, KeyValue.getDefaultInstance()));
  }

  private LogRecord.Builder emptyAttributesOfLine() {
    return line("x").addAllAttributes(Collections.nCopies(many(), KeyValue.getDefaultInstance()));
  }

  private Span.Builder emptyEvents() {
    return span().addAllEvents(Collections.nCopies(many(), Span.Event.getDefaultInstance()));
  }

  private Span.Builder emptyLinks() {
    return span().addAllLinks(Collections.nCopies(many(), Span.Link.getDefaultInstance()));
  }

  private Span.Builder emptyValues() {
    AnyValue.Builder values = AnyValue.newBuilder();
    if (random.nextBoolean()) {
      List<AnyValue> empty = Collections.nCopies(many(), AnyValue.getDefaultInstance());
      values.getArrayValueBuilder().addAllValues(empty);
    } else {
      List<KeyValue> empty = Collections.nCopies(many(), KeyValue.getDefaultInstance());
      values.getKvlistValueBuilder().addAllValues(empty);
    }
    return span().addAttributes(KeyValue.newBuilder().setKey("values").setValue(values));
  }

  /** One to six million characters, which compress to nothing. */
  String giant() {
    String letter = random.nextInt(4) == 0 ? "\u00e9" : "g";
    return letter.repeat(1_000_000 + random.nextInt(5_000_000) / letter.getBytes(UTF_8).length);
  }

  private KeyValue giantKey() {
    return Ordinary.attribute(giant(), "v");
  }

  private static Resource.Builder resource(String service) {
    return Resource.newBuilder().addAttributes(Ordinary.attribute("service.name", service));
  }

  private static Resource.Builder duplicates() {
    return resource("first").addAttributes(Ordinary.attribute("service.name", "second"));
  }

  private Span.Builder span() {
    long start = values.recentNanos();
    return Span.newBuilder()
        .setTraceId(values.bytes(16))
        .setSpanId(values.bytes(8))
        .setName("shape")
        .setStartTimeUnixNano(start)
        .setEndTimeUnixNano(start + 1_000);
  }

  private LogRecord.Builder line(String body) {
    return LogRecord.newBuilder()
        .setTimeUnixNano(values.recentNanos())
        .setBody(AnyValue.newBuilder().setStringValue(body));
  }

  private static ExportTraceServiceRequest.Builder spans(
      Resource.Builder resource, Span.Builder... spans) {
    var request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().setResource(resource).addScopeSpansBuilder();
    for (Span.Builder span : spans) {
      scope.addSpans(span);
    }
    return request;
  }

  private static ExportLogsServiceRequest.Builder logs(
      Resource.Builder resource, LogRecord.Builder line) {
    var request = ExportLogsServiceRequest.newBuilder();
    request
        .addResourceLogsBuilder()
        .setResource(resource)
        .addScopeLogsBuilder()
        .addLogRecords(line);
    return request;
  }

  private ExportLogsServiceRequest.Builder many(int count, String body) {
    var request = ExportLogsServiceRequest.newBuilder();
    var scope = request.addResourceLogsBuilder().setResource(resource("s")).addScopeLogsBuilder();
    LogRecord line = line(body).build();
    for (int i = 0; i < count; i++) {
      scope.addLogRecords(line);
    }
    return request;
  }

  private ExportTraceServiceRequest.Builder tiny(int count) {
    var request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().addScopeSpansBuilder();
    long start = values.recentNanos();
    ByteString trace = values.bytes(16);
    for (int i = 0; i < count; i++) {
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(trace)
              .setSpanId(values.bytes(8))
              .setStartTimeUnixNano(start));
    }
    return request;
  }

  private ExportTraceServiceRequest.Builder named(int count) {
    Span.Builder[] spans = new Span.Builder[count];
    for (int i = 0; i < count; i++) {
      spans[i] = span().setName("GET /order/" + random.nextLong()).setKindValue(2);
    }
    return spans(resource("names"), spans);
  }

  private ExportTraceServiceRequest.Builder same(int count) {
    var request = ordinary.traces(1);
    var scope = request.getResourceSpansBuilder(0).getScopeSpansBuilder(0);
    for (int i = 1; i < count; i++) {
      scope.addSpans(scope.getSpans(0).toBuilder().setName("copy " + i));
    }
    return request;
  }

  private ExportTraceServiceRequest.Builder circle() {
    var request = ordinary.traces(6);
    var spans = request.getResourceSpansBuilder(0).getScopeSpansBuilder(0).getSpansBuilderList();
    spans.get(0).setParentSpanId(spans.get(0).getSpanId());
    for (int i = 1; i < spans.size(); i++) {
      spans.get(i).setParentSpanId(spans.get(i == 5 ? 1 : i + 1).getSpanId());
    }
    return request;
  }

  private Span.Builder events(int count) {
    Span.Builder span = span();
    for (int i = 0; i < count; i++) {
      span.addEventsBuilder()
          .setTimeUnixNano(values.nanos())
          .setName("exception")
          .addAttributes(Ordinary.attribute("exception.type", "E" + i));
    }
    return span;
  }

  private static List<KeyValue> attributes(int count) {
    List<KeyValue> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(Ordinary.attribute("label_" + i, "value " + i));
    }
    return all;
  }

  private KeyValue deep() {
    return KeyValue.newBuilder().setKey("deep").setValue(nested(ARRAYS_MAX)).build();
  }

  private AnyValue nested(int arraysMax) {
    AnyValue value = AnyValue.newBuilder().setStringValue("core").build();
    for (int i = random.nextInt(arraysMax); i >= 0; i--) {
      AnyValue.Builder around = AnyValue.newBuilder();
      around.getArrayValueBuilder().addValues(value);
      value = around.build();
    }
    return value;
  }

  private AnyValue bytes() {
    return AnyValue.newBuilder().setBytesValue(values.bytes(1_000_000)).build();
  }
}
