package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** OTLP messages that use every field in every way, ordinary ones more often than odd ones. */
public final class RandomOtlp {
  private static final long BASE_NANOS = 1_790_000_000_000_000_000L;
  private static final List<String> TEXTS =
      List.of("", "a", "GET /cart", "naïve ☂ 日本", "user=42", "x".repeat(300), "Ünïcode\u0000nul");

  private final Random random;

  public RandomOtlp(long seed) {
    random = new Random(seed);
  }

  public Origin origin() {
    Resource.Builder resource = Resource.newBuilder().addAllAttributes(attributes(3));
    String service = ServiceNames.UNKNOWN;
    if (random.nextInt(4) > 0) {
      service = "service-" + random.nextInt(5);
      resource.addAttributes(
          KeyValue.newBuilder()
              .setKey("service.name")
              .setValue(AnyValue.newBuilder().setStringValue(service)));
    }
    if (odd()) {
      resource
          .setDroppedAttributesCount(random.nextInt())
          .addEntityRefs(EntityRef.newBuilder().setType("service").addIdKeys("service.name"));
    }
    ResourceSpans.Builder outer = ResourceSpans.newBuilder();
    if (!service.equals(ServiceNames.UNKNOWN) || random.nextBoolean()) {
      outer.setResource(resource);
    }
    if (odd()) {
      outer.setSchemaUrl("https://opentelemetry.io/schemas/1.44.0").setUnknownFields(unknown());
    }
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    if (!odd()) {
      scope.setScope(
          InstrumentationScope.newBuilder()
              .setName("lib-" + random.nextInt(3))
              .setVersion(odd() ? "1.2.3" : "")
              .addAllAttributes(attributes(2))
              .setDroppedAttributesCount(odd() ? 7 : 0));
    }
    if (odd()) {
      scope.setSchemaUrl("urn:scope");
    }
    return new Origin(outer.build().toByteString(), scope.build().toByteString(), service);
  }

  public Span span(List<ByteString> knownIds) {
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(odd() ? id(random.nextInt(20)) : id(16))
            .setSpanId(odd() ? id(random.nextInt(12)) : id(8))
            .setName(text())
            .setKindValue(odd() ? random.nextInt() : random.nextInt(6))
            .setStartTimeUnixNano(BASE_NANOS + random.nextInt(1_000_000_000))
            .addAllAttributes(attributes(12))
            .setFlags(odd() ? random.nextInt() : 0x101);
    span.setEndTimeUnixNano(
        odd() ? random.nextLong() : span.getStartTimeUnixNano() + random.nextInt(5_000_000));
    if (!knownIds.isEmpty() && random.nextBoolean()) {
      span.setParentSpanId(knownIds.get(random.nextInt(knownIds.size())));
    } else if (random.nextBoolean()) {
      span.setParentSpanId(id(8));
    }
    if (odd()) {
      span.setTraceState("vendor=value")
          .setDroppedAttributesCount(random.nextInt())
          .setDroppedEventsCount(random.nextInt(9))
          .setDroppedLinksCount(random.nextInt(9))
          .setUnknownFields(unknown());
    }
    addEventsAndLinks(span);
    switch (random.nextInt(5)) {
      case 0 -> span.setStatus(Status.newBuilder().setCodeValue(2).setMessage(text()));
      case 1 -> span.setStatus(Status.getDefaultInstance());
      case 2 -> span.setStatus(Status.newBuilder().setCodeValue(odd() ? -1 : 1));
      default -> {}
    }
    return span.build();
  }

  private void addEventsAndLinks(Span.Builder span) {
    while (odd()) {
      span.addEvents(
          Span.Event.newBuilder()
              .setName(text())
              .setTimeUnixNano(random.nextLong())
              .setDroppedAttributesCount(odd() ? 3 : 0)
              .addAllAttributes(attributes(4)));
    }
    while (odd()) {
      span.addLinks(
          Span.Link.newBuilder()
              .setTraceId(id(16))
              .setSpanId(id(8))
              .setTraceState(text())
              .setFlags(random.nextInt())
              .addAllAttributes(attributes(2)));
    }
  }

  public LogRecord log() {
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setSeverityNumberValue(odd() ? random.nextInt() : random.nextInt(25))
            .addAllAttributes(attributes(6))
            .setFlags(odd() ? random.nextInt() : 1);
    if (!odd()) {
      log.setTimeUnixNano(BASE_NANOS + random.nextInt(1_000_000_000));
    }
    if (!odd()) {
      log.setObservedTimeUnixNano(BASE_NANOS + random.nextInt(1_000_000_000));
    }
    if (!odd()) {
      log.setBody(odd() ? value(3) : AnyValue.newBuilder().setStringValue(text()).build());
    }
    if (random.nextBoolean()) {
      log.setTraceId(id(odd() ? 3 : 16)).setSpanId(id(8));
    }
    if (odd()) {
      log.setEventName("app.event")
          .setSeverityText("WARN")
          .setDroppedAttributesCount(4)
          .setUnknownFields(unknown());
    }
    return log.build();
  }

  private List<KeyValue> attributes(int max) {
    List<KeyValue> attributes = new ArrayList<>();
    for (int i = random.nextInt(max + 1); i > 0; i--) {
      KeyValue.Builder pair = KeyValue.newBuilder().setKey("key." + random.nextInt(8));
      if (random.nextInt(20) > 0) {
        pair.setValue(value(2));
      }
      if (random.nextInt(30) == 0) {
        pair.setKeyStrindex(3).setUnknownFields(unknown());
      }
      attributes.add(pair.build());
    }
    return attributes;
  }

  private AnyValue value(int depth) {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (random.nextInt(depth > 0 ? 11 : 7)) {
      case 0 -> value.setIntValue(random.nextBoolean() ? random.nextInt(600) : random.nextLong());
      case 1 -> value.setDoubleValue(odd() ? Double.NaN : random.nextDouble());
      case 2 -> value.setBoolValue(random.nextBoolean());
      case 3 -> value.setBytesValue(id(random.nextInt(40)));
      case 4 -> value.setStringValueStrindex(random.nextInt());
      case 7 -> {
        ArrayValue.Builder array = ArrayValue.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.addValues(value(depth - 1));
        }
        value.setArrayValue(array);
      }
      case 8 -> value.setKvlistValue(KeyValueList.newBuilder().addAllValues(attributes(2)));
      case 9 -> value.setUnknownFields(unknown());
      case 10 -> {}
      default -> value.setStringValue(text());
    }
    return value.build();
  }

  private String text() {
    return random.nextInt(3) == 0
        ? Long.toHexString(random.nextLong())
        : TEXTS.get(random.nextInt(TEXTS.size()));
  }

  public ByteString id(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private UnknownFieldSet unknown() {
    return UnknownFieldSet.newBuilder()
        .addField(
            900 + random.nextInt(5),
            UnknownFieldSet.Field.newBuilder().addVarint(random.nextInt()).build())
        .build();
  }

  private boolean odd() {
    return random.nextInt(8) == 0;
  }
}
