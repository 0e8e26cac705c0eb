package dev.tocsin.storage.read;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.AttributeValue;
import dev.tocsin.storage.ports.Comparison;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.ports.TextPattern;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Items of few different values, and conditions that some of them meet. */
final class RandomSearch {
  static final int TRACES = 30;

  /** In place of an hour: traces that have spans in every hour. */
  static final int LONG_LASTING = 99;

  private static final List<String> KEYS =
      List.of("user", "code", "http.response.status_code", "ratio", "flag", "long", "list");
  private static final List<String> WORDS =
      List.of(
          "payment",
          "FAILED",
          "card=42",
          "Kelvin\u212A",
          "\u00fcber",
          "x",
          "cart-7",
          "\u0130l",
          "\u65e5\u672c");
  private static final List<String> PHRASES =
      List.of(
          "payment failed",
          "Card",
          "42",
          "",
          "\u00dcBER",
          "kelvink",
          "failed x",
          "cart-7",
          "art",
          "{\"m\":\"payment",
          "\"user\":\"u1\"",
          "payment\\nnext",
          "\"none\":null",
          "next",
          "=",
          "il");

  private final Random random;

  RandomSearch(long seed) {
    random = new Random(seed);
  }

  int next(int bound) {
    return random.nextInt(bound);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  // Items.

  Origin origin() {
    int number = random.nextInt(6);
    Resource.Builder resource = Resource.newBuilder();
    if (number < 5) {
      resource.addAttributes(pair("service.name", text("svc-" + number)));
    }
    resource.addAttributes(pair("region", text("r" + random.nextInt(3))));
    if (random.nextInt(3) == 0) {
      resource.addAttributes(pair("user", text("u" + random.nextInt(4))));
    }
    InstrumentationScope scope =
        InstrumentationScope.newBuilder()
            .addAttributes(pair("lib", text("l" + number % 2)))
            .build();
    return new Origin(
        ResourceSpans.newBuilder().setResource(resource).build().toByteString(),
        ScopeSpans.newBuilder().setScope(scope).build().toByteString(),
        number < 5 ? "svc-" + number : "unknown_service");
  }

  Span span(int hour, long startNanos) {
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(
                random.nextInt(20) == 0
                    ? traceId(LONG_LASTING, random.nextInt(3))
                    : traceId(hour, random.nextInt(TRACES)))
            .setSpanId(id(random.nextLong(), 8))
            .setName("op-" + random.nextInt(5))
            .setKindValue(random.nextInt(6))
            .setStartTimeUnixNano(startNanos)
            .setEndTimeUnixNano(startNanos + durationMs() * 1_000_000L)
            .addAllAttributes(attributes());
    if (random.nextInt(3) > 0) {
      span.setParentSpanId(id(random.nextLong(), 8));
    }
    if (random.nextInt(3) == 0) {
      span.setStatus(Status.newBuilder().setCodeValue(random.nextInt(3)));
    }
    if (random.nextInt(4) == 0) {
      span.addEvents(Span.Event.newBuilder().addAllAttributes(attributes()));
    }
    if (random.nextInt(4) == 0) {
      span.addLinks(Span.Link.newBuilder().addAllAttributes(attributes()));
    }
    return span.build();
  }

  LogRecord log(int hour, long nanos) {
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setTimeUnixNano(nanos)
            .setSeverityNumberValue(random.nextInt(3) == 0 ? 0 : random.nextInt(27))
            .setSeverityText(any(List.of("", "warning", "ERROR", "something")))
            .addAllAttributes(attributes());
    if (random.nextInt(6) > 0) {
      log.setBody(random.nextInt(6) == 0 ? composite() : text(line()));
    }
    if (random.nextBoolean()) {
      log.setTraceId(traceId(hour, random.nextInt(TRACES))).setSpanId(id(random.nextInt(9), 8));
    }
    return log.build();
  }

  private AnyValue composite() {
    return AnyValue.newBuilder()
        .setKvlistValue(
            KeyValueList.newBuilder()
                .addValues(pair("m", text(line() + any(List.of("", "\nnext", "\\x \"42\"")))))
                .addValues(pair("none", AnyValue.getDefaultInstance()))
                .addAllValues(attributes()))
        .build();
  }

  private String line() {
    List<String> words = new ArrayList<>();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      words.add(any(WORDS));
    }
    return String.join(any(List.of(" ", ": ", "")), words);
  }

  /** Some last for hours. */
  private long durationMs() {
    return random.nextInt(random.nextInt(12) == 0 ? 20_000_000 : 1_000);
  }

  static ByteString traceId(int hour, int number) {
    return id(1_000L * hour + number, 16);
  }

  static ByteString id(long number, int bytes) {
    return ByteString.copyFrom(ByteBuffer.allocate(bytes).putLong(bytes - 8, number).array());
  }

  private List<KeyValue> attributes() {
    List<KeyValue> pairs = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      String key = any(KEYS);
      pairs.add(pair(key, value(key)));
    }
    return pairs;
  }

  private AnyValue value(String key) {
    AnyValue.Builder value = AnyValue.newBuilder();
    return switch (random.nextInt(12) == 0 ? "user" : key) {
      case "code", "http.response.status_code" ->
          value.setIntValue(any(List.of(200, 404, 500))).build();
      case "ratio" -> value.setDoubleValue(any(List.of(0.5, 200.0, -0.0, -1.0))).build();
      case "flag" -> value.setBoolValue(random.nextBoolean()).build();
      case "long" -> text("y".repeat(70) + random.nextInt(3));
      case "list" ->
          value
              .setArrayValue(ArrayValue.newBuilder().addValues(text("u" + random.nextInt(4))))
              .build();
      default -> text("u" + random.nextInt(4));
    };
  }

  private static AnyValue text(String text) {
    return AnyValue.newBuilder().setStringValue(text).build();
  }

  private static KeyValue pair(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  // Conditions.

  Condition<SpanCondition> spanCondition(int depth) {
    return switch (random.nextInt(depth > 0 ? 15 : 9)) {
      case 0 -> new SpanCondition.Service(service());
      case 1 -> new SpanCondition.Operation("op-" + random.nextInt(6));
      case 2 ->
          new SpanCondition.OperationMatches(
              TextPattern.compile("op-[" + random.nextInt(3) + "-3]"));
      case 3 -> new SpanCondition.Kind(random.nextInt(6));
      case 4 -> new SpanCondition.Status(random.nextInt(3));
      case 5 -> new SpanCondition.Duration(random.nextInt(900) * 1_000_000L, 950_000_000L);
      case 6 -> new SpanCondition.Root();
      case 9, 10, 11 -> new Condition.All<>(parts(depth, this::spanCondition));
      case 12, 13 -> new Condition.Any<>(parts(depth, this::spanCondition));
      case 14 -> new Condition.Not<>(spanCondition(depth - 1));
      default -> new SpanCondition.Attribute(attributeTest());
    };
  }

  Condition<LogCondition> logCondition(int depth, int hours) {
    return switch (random.nextInt(depth > 0 ? 15 : 9)) {
      case 0 -> new LogCondition.Service(service());
      case 1 -> new LogCondition.Severity(random.nextInt(20), 10 + random.nextInt(18));
      case 2 -> new LogCondition.Trace(traceId(random.nextInt(hours), random.nextInt(TRACES)));
      case 3 -> new LogCondition.Span(id(random.nextInt(9), 8));
      case 4 -> new LogCondition.Phrase(any(PHRASES));
      case 5 -> new LogCondition.Contains(any(PHRASES));
      case 6 -> new LogCondition.Matches(TextPattern.compile("(?i)pay.*x|" + random.nextInt(9)));
      case 9, 10, 11 -> new Condition.All<>(parts(depth, less -> logCondition(less, hours)));
      case 12, 13 -> new Condition.Any<>(parts(depth, less -> logCondition(less, hours)));
      case 14 -> new Condition.Not<>(logCondition(depth - 1, hours));
      default -> new LogCondition.Attribute(attributeTest());
    };
  }

  private <C> List<C> parts(int depth, Function<Integer, C> part) {
    List<C> parts = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add(part.apply(depth - 1));
    }
    return parts;
  }

  private String service() {
    return any(List.of("svc-0", "svc-1", "svc-4", "unknown_service", "nowhere"));
  }

  private AttributeTest attributeTest() {
    AttributeScope scope =
        random.nextBoolean()
            ? AttributeScope.ITEM_OR_RESOURCE
            : any(List.of(AttributeScope.values()));
    String key = any(List.of("region", "lib", "service.name", any(KEYS), any(KEYS), any(KEYS)));
    Comparison comparison =
        random.nextBoolean() ? Comparison.EQUAL : any(List.of(Comparison.values()));
    boolean ordering =
        switch (comparison) {
          case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> true;
          default -> false;
        };
    return new AttributeTest(scope, key, comparison, ordering ? number() : wanted());
  }

  private AttributeValue number() {
    return new AttributeValue.Whole(any(List.of(0L, 200L, 404L, 450L)));
  }

  private AttributeValue wanted() {
    return switch (random.nextInt(9)) {
      case 0 -> number();
      case 1 -> new AttributeValue.Real(any(List.of(0.5, 200.0)));
      case 2 -> new AttributeValue.Flag(random.nextBoolean());
      case 3 -> new AttributeValue.Text(any(List.of("u1", "200", "r1")));
      case 4 -> new AttributeValue.Untyped("y".repeat(70) + "1");
      case 5 -> new AttributeValue.Untyped(any(List.of("500", "200", "200.0", "true", "[\"u1\"]")));
      default -> new AttributeValue.Untyped(any(List.of("u1", "u2", "r0", "l1", "svc-1")));
    };
  }
}
