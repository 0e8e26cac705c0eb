package dev.tocsin.app.conformance.cases;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Check;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Samples;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.otlp.json.OtlpJson;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.List;

/** OTLP's JSON, where it differs from protobuf's and where receivers differ from it. */
final class JsonCases {
  private static final List<SignalLane> LANES = SignalLane.stable(Transport.JSON);
  private static final List<SignalLane> TRACES = SignalLane.one(Transport.JSON, Telemetry.TRACES);
  private static final List<SignalLane> METRICS = SignalLane.one(Transport.JSON, Telemetry.METRICS);

  private JsonCases() {}

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    ids(cases);
    values(cases);
    shape(cases);
    return cases.toList();
  }

  private static void ids(CaseList cases) {
    cases
        .on(LANES, Spec.JSON)
        .must(
            "O-29",
            "lower-case-hex",
            "reads ids in lower case hexadecimal, also of links, parents, logs and exemplars",
            written(new OtlpJson(false, true, false, false), JsonCases::withIds))
        .must(
            "O-29",
            "upper-case-hex",
            "reads ids in upper case hexadecimal, also of links, parents, logs and exemplars",
            written(new OtlpJson(true, true, false, false), JsonCases::withIds))
        .must(
            "O-29",
            "bytes-are-base64",
            "reads bytesValue in base64",
            written(OtlpJson.USUAL, JsonCases::withBytes))
        .on(TRACES, Spec.JSON)
        .expected(
            "O-29",
            "base64-ids",
            "does not take ids in base64 for valid ones",
            JsonCases::base64Ids);
  }

  private static void values(CaseList cases) {
    cases
        .on(LANES, Spec.JSON)
        .must(
            "O-32",
            "long-as-text",
            "reads 64-bit integers written as strings",
            written(new OtlpJson(false, true, false, false), JsonCases::withNumbers))
        .must(
            "O-32",
            "long-as-number",
            "reads 64-bit integers written as numbers",
            written(new OtlpJson(false, false, false, false), JsonCases::withNumbers))
        .must(
            "O-32",
            "int-as-text",
            "reads 32-bit integers written as strings",
            written(new OtlpJson(false, true, true, false), JsonCases::withNumbers))
        .must(
            "O-32",
            "double-as-text",
            "reads doubles written as strings",
            written(new OtlpJson(false, true, false, true), JsonCases::withNumbers))
        .on(METRICS, Spec.JSON)
        .must("O-32", "nan", "reads NaN", point("\"NaN\""))
        .must("O-32", "infinity", "reads Infinity", point("\"Infinity\""))
        .must("O-32", "minus-infinity", "reads -Infinity", point("\"-Infinity\""))
        .must("O-32", "whole-double", "reads a double without a fraction", point("7"))
        .must("O-32", "exponent", "reads a double with an exponent", point("1.5e-7"))
        .on(TRACES, Spec.JSON)
        .must(
            "O-30",
            "enum-as-number",
            "reads enums written as numbers",
            written(
                OtlpJson.USUAL,
                (samples, signal) ->
                    samples.traces(
                        samples
                            .span()
                            .setKindValue(5)
                            .setStatus(Status.newBuilder().setCodeValue(2).setMessage("no"))
                            .build())))
        .expected(
            "O-30",
            "future-enum",
            "reads an enum's number that it does not know",
            written(
                OtlpJson.USUAL,
                (samples, signal) -> samples.traces(samples.span().setKindValue(77).build())));
  }

  private static void shape(CaseList cases) {
    cases
        .on(LANES, Spec.JSON)
        .must(
            "O-31",
            "unknown-fields",
            "ignores fields it does not know, at every level and of every kind",
            (session, lane) ->
                session.export(lane, Variants.unknownFields(session, lane)).expectAllAccepted())
        .on(LANES, "Protocol Buffers: ProtoJSON")
        .must(
            "O-33",
            "absent-is-default",
            "takes what is absent for its default, such as a span without a kind",
            written(OtlpJson.USUAL, JsonCases::withFewFields))
        .expected(
            "O-33",
            "null-is-default",
            "takes null for the default",
            (session, lane) -> {
              String text = text(OtlpJson.USUAL, session, lane, JsonCases::withFewFields);
              String nulls = text.replaceFirst("\\{", "{\"schemaUrl\":null,\"unknown\":null,");
              return session
                  .export(lane, Body.text(nulls, "a valid request with nulls"))
                  .expectAllAccepted();
            })
        .expected(
            "O-33",
            "white-space",
            "takes JSON with white space and in any order",
            (session, lane) -> {
              var object = OtlpJson.USUAL.write(session.samples().valid(lane.signal()));
              return session
                  .export(lane, Body.text(object.encodePrettily(), "a valid request, indented"))
                  .expectAllAccepted();
            });
  }

  /** Makes a message to be written as JSON. */
  private interface Content {
    Message of(Samples samples, Telemetry signal);
  }

  private static Check written(OtlpJson style, Content content) {
    return (session, lane) ->
        session
            .export(lane, Body.text(text(style, session, lane, content), "a valid request"))
            .expectAllAccepted();
  }

  private static String text(OtlpJson style, Session session, SignalLane lane, Content content) {
    return style.write(content.of(session.samples(), lane.signal())).encode();
  }

  private static Check point(String value) {
    return (session, lane) -> {
      String text =
          OtlpJson.USUAL
              .write(session.samples().metrics(session.samples().metric(marked(session))))
              .encode()
              .replace("4242.5", value);
      return session.export(lane, Body.text(text, "a point of value " + value)).expectAllAccepted();
    };
  }

  private static io.opentelemetry.proto.metrics.v1.NumberDataPoint.Builder marked(Session session) {
    return session.samples().point().setAsDouble(4242.5);
  }

  private static Message withIds(Samples samples, Telemetry signal) {
    return switch (signal) {
      case TRACES ->
          samples.traces(
              samples
                  .span()
                  .setParentSpanId(letters(8))
                  .setTraceId(letters(16))
                  .addLinks(Span.Link.newBuilder().setTraceId(letters(16)).setSpanId(letters(8)))
                  .build());
      case METRICS ->
          samples.metrics(
              samples.metric(
                  samples
                      .point()
                      .addExemplars(
                          Exemplar.newBuilder()
                              .setTimeUnixNano(samples.nowNanos())
                              .setAsInt(1)
                              .setTraceId(letters(16))
                              .setSpanId(letters(8)))));
      case LOGS ->
          samples.logs(samples.log().setTraceId(letters(16)).setSpanId(letters(8)).build());
      case PROFILES -> samples.valid(signal);
    };
  }

  /** An id whose hexadecimal has letters, so that its case shows. */
  private static ByteString letters(int length) {
    byte[] id = new byte[length];
    java.util.Arrays.fill(id, (byte) 0xab);
    return ByteString.copyFrom(id);
  }

  private static Message withBytes(Samples samples, Telemetry signal) {
    ByteString bytes = ByteString.copyFrom(new byte[] {-1, -2, 62, 63, 0});
    return samples.withAttributes(
        signal,
        List.of(Samples.attribute("bytes", AnyValue.newBuilder().setBytesValue(bytes).build())));
  }

  private static Message withNumbers(Samples samples, Telemetry signal) {
    AnyValue large = AnyValue.newBuilder().setIntValue(-9_007_199_254_740_993L).build();
    AnyValue real = AnyValue.newBuilder().setDoubleValue(0.25).build();
    var attributes = List.of(Samples.attribute("large", large), Samples.attribute("real", real));
    return switch (signal) {
      case TRACES ->
          samples.traces(
              samples.span().addAllAttributes(attributes).setDroppedAttributesCount(3).build());
      case METRICS ->
          samples.metrics(
              Metric.newBuilder()
                  .setName("conformance.numbers")
                  .setGauge(
                      Gauge.newBuilder()
                          .addDataPoints(
                              samples
                                  .point()
                                  .setFlags(0)
                                  .setAsDouble(0.25)
                                  .addAllAttributes(attributes))
                          .addDataPoints(samples.point().setAsInt(Long.MIN_VALUE)))
                  .build());
      case LOGS ->
          samples.logs(
              samples.log().addAllAttributes(attributes).setDroppedAttributesCount(3).build());
      case PROFILES -> samples.valid(signal);
    };
  }

  private static Message withFewFields(Samples samples, Telemetry signal) {
    return switch (signal) {
      case TRACES -> samples.traces(samples.span().clearKind().clearAttributes().build());
      case METRICS -> samples.metrics(samples.metric(samples.point().clearStartTimeUnixNano()));
      case LOGS ->
          samples.logs(samples.log().clearSeverityNumber().clearSeverityText().clearBody().build());
      case PROFILES -> samples.valid(signal);
    };
  }

  private static CaseOutcome base64Ids(Session session, SignalLane lane) {
    String text =
        text(
            OtlpJson.USUAL,
            session,
            lane,
            (samples, signal) -> samples.traces(samples.span().setTraceId(letters(16)).build()));
    String base64 = text.replace("ab".repeat(16), "q6urq6urq6urq6urq6urqw==");
    var exchange = session.export(lane, Body.text(base64, "a trace id in base64"));
    return exchange.expect(
        "400, or the span rejected",
        a -> a.status() == 400 || (exchange.succeeded(a) && exchange.response(a).rejected() == 1));
  }
}
