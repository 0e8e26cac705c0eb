package dev.tocsin.app.conformance.cases;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.tocsin.app.conformance.check.Samples;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.otlp.json.OtlpJson;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Valid requests of unusual make, for every signal. */
final class Variants {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(5_000, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
          .addField(
              5_001,
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFromUtf8("from the future"))
                  .build())
          .addField(5_002, UnknownFieldSet.Field.newBuilder().addFixed64(7).build())
          .addField(5_003, UnknownFieldSet.Field.newBuilder().addFixed32(7).build())
          .build();

  private Variants() {}

  static Body emptyEnvelopes(Session session, SignalLane lane) {
    Message request =
        switch (lane.signal()) {
          case TRACES ->
              ExportTraceServiceRequest.newBuilder()
                  .addResourceSpans(ResourceSpans.getDefaultInstance())
                  .addResourceSpans(
                      ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.getDefaultInstance()))
                  .build();
          case METRICS ->
              ExportMetricsServiceRequest.newBuilder()
                  .addResourceMetrics(ResourceMetrics.getDefaultInstance())
                  .addResourceMetrics(
                      ResourceMetrics.newBuilder()
                          .addScopeMetrics(ScopeMetrics.getDefaultInstance()))
                  .build();
          case LOGS ->
              ExportLogsServiceRequest.newBuilder()
                  .addResourceLogs(ResourceLogs.getDefaultInstance())
                  .addResourceLogs(
                      ResourceLogs.newBuilder().addScopeLogs(ScopeLogs.getDefaultInstance()))
                  .build();
          case PROFILES -> session.samples().valid(lane.signal());
        };
    return session.samples().encode(lane, request, "empty envelopes");
  }

  static Body unknownFields(Session session, SignalLane lane) {
    Message valid = session.samples().valid(lane.signal());
    String what = "a valid request with unknown fields at every level";
    return lane.wire() == Transport.JSON
        ? Body.text(withUnknown(OtlpJson.USUAL.write(valid)).encode(), what)
        : Body.of(withUnknown(valid).toByteArray(), what);
  }

  /** An attribute of every kind that there is. */
  static List<KeyValue> attributesOfEveryKind() {
    AnyValue number = AnyValue.newBuilder().setIntValue(Long.MAX_VALUE).build();
    AnyValue text = Samples.text("text \u00e9 \ud83d\ude00 \"quoted\" \\ \n");
    AnyValue bytes =
        AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {0, 1, -1, 62})).build();
    AnyValue truth = AnyValue.newBuilder().setBoolValue(true).build();
    AnyValue real = AnyValue.newBuilder().setDoubleValue(0.5).build();
    AnyValue none = AnyValue.getDefaultInstance();
    AnyValue map =
        AnyValue.newBuilder()
            .setKvlistValue(
                KeyValueList.newBuilder()
                    .addValues(Samples.attribute("inner", number))
                    .addValues(Samples.attribute("none", none)))
            .build();
    AnyValue mixed =
        AnyValue.newBuilder()
            .setArrayValue(
                ArrayValue.newBuilder()
                    .addAllValues(List.of(number, text, bytes, truth, real, none, map)))
            .build();
    AnyValue emptyArray =
        AnyValue.newBuilder().setArrayValue(ArrayValue.getDefaultInstance()).build();
    AnyValue emptyMap =
        AnyValue.newBuilder().setKvlistValue(KeyValueList.getDefaultInstance()).build();
    return List.of(
        Samples.attribute("text", text),
        Samples.attribute("empty text", Samples.text("")),
        Samples.attribute("number", number),
        Samples.attribute("real", real),
        Samples.attribute("truth", truth),
        Samples.attribute("bytes", bytes),
        Samples.attribute("none", none),
        Samples.attribute("mixed", mixed),
        Samples.attribute("map", map),
        Samples.attribute("empty array", emptyArray),
        Samples.attribute("empty map", emptyMap));
  }

  private static Message withUnknown(Message message) {
    Message.Builder builder = message.toBuilder().setUnknownFields(UNKNOWN);
    for (var field : message.getAllFields().entrySet()) {
      FieldDescriptor descriptor = field.getKey();
      if (descriptor.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (!descriptor.isRepeated()) {
        builder.setField(descriptor, withUnknown((Message) field.getValue()));
        continue;
      }
      for (int i = 0; i < message.getRepeatedFieldCount(descriptor); i++) {
        Message item = (Message) message.getRepeatedField(descriptor, i);
        builder.setRepeatedField(descriptor, i, withUnknown(item));
      }
    }
    return builder.build();
  }

  private static JsonObject withUnknown(JsonObject object) {
    JsonObject more = new JsonObject();
    more.put("fromTheFuture", new JsonObject().put("a", new JsonArray().add(1).addNull().add("]")));
    for (String name : object.fieldNames()) {
      more.put(name, withUnknownInside(object.getValue(name)));
    }
    return more.put("alsoUnknown", "\"}").put("unknownNumber", 1e300);
  }

  private static Object withUnknownInside(Object value) {
    if (value instanceof JsonObject object) {
      return withUnknown(object);
    }
    if (value instanceof JsonArray array) {
      JsonArray more = new JsonArray();
      array.forEach(item -> more.add(withUnknownInside(item)));
      return more;
    }
    return value;
  }
}
