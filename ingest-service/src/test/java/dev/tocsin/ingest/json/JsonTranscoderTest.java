package dev.tocsin.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.Warning;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JsonTranscoderTest {
  private final JsonTranscoder transcoder = new JsonTranscoder(1 << 20);

  @Test
  void transcoder_readsWholeSpan_inTheFormSdksWrite() throws Exception {
    Span span =
        span(
            """
            {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",
             "parentSpanId":"eee19b7ec3c1b173","name":"I'm a server span","kind":2,
             "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,
             "flags":257,"traceState":"a=b","droppedAttributesCount":"3",
             "attributes":[{"key":"s","value":{"stringValue":"grüße"}},
               {"key":"i","value":{"intValue":"-9007199254740993"}},
               {"key":"n","value":{"intValue":42}},
               {"key":"d","value":{"doubleValue":1.5e-3}},
               {"key":"b","value":{"boolValue":false}},
               {"key":"y","value":{"bytesValue":"AQID/w=="}},
               {"key":"a","value":{"arrayValue":{"values":[{"intValue":1},{"stringValue":""}]}}},
               {"key":"k","value":{"kvlistValue":{"values":[{"key":"in","value":{}}]}}}],
             "events":[{"timeUnixNano":"7","name":"e","attributes":[]}],
             "links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002"}],
             "status":{"code":2,"message":"m"}}
            """);
    assertThat(hex(span.getTraceId().toByteArray())).isEqualTo("5b8efff798038103d269b633813fc60c");
    assertThat(hex(span.getSpanId().toByteArray())).isEqualTo("eee19b7ec3c1b174");
    assertThat(hex(span.getParentSpanId().toByteArray())).isEqualTo("eee19b7ec3c1b173");
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(span.getStartTimeUnixNano()).isEqualTo(1544712660000000000L);
    assertThat(span.getEndTimeUnixNano()).isEqualTo(1544712661000000000L);
    assertThat(span.getFlags()).isEqualTo(257);
    assertThat(span.getDroppedAttributesCount()).isEqualTo(3);
    assertThat(value(span, 0).getStringValue()).isEqualTo("grüße");
    assertThat(value(span, 1).getIntValue()).isEqualTo(-9007199254740993L);
    assertThat(value(span, 2).getIntValue()).isEqualTo(42);
    assertThat(value(span, 3).getDoubleValue()).isEqualTo(0.0015);
    assertThat(value(span, 4).getValueCase()).isEqualTo(AnyValue.ValueCase.BOOL_VALUE);
    assertThat(value(span, 5).getBytesValue().toByteArray()).containsExactly(1, 2, 3, 255);
    assertThat(value(span, 6).getArrayValue().getValues(1).getValueCase())
        .isEqualTo(AnyValue.ValueCase.STRING_VALUE);
    assertThat(value(span, 7).getKvlistValue().getValues(0).getKey()).isEqualTo("in");
    assertThat(span.getEvents(0).getTimeUnixNano()).isEqualTo(7);
    assertThat(hex(span.getLinks(0).getSpanId().toByteArray())).isEqualTo("0000000000000002");
    assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
  }

  @Test
  void transcoder_warnsOfSnakeCaseAndEnumNames_onlyWhereTheyAre() {
    assertThat(warnings("{\"kind\":2,\"name\":\"n\",\"newer_field\":1}")).isEmpty();
    assertThat(warnings("{\"trace_id\":\"01\"}")).containsExactly(Warning.SNAKE_CASE);
    assertThat(warnings("{\"kind\":\"SPAN_KIND_CLIENT\"}")).containsExactly(Warning.ENUM_NAME);
    assertThat(warnings("{\"kind\":\"2\"}")).isEmpty();
  }

  private Set<Warning> warnings(String span) {
    byte[] json = spanJson(span).getBytes(UTF_8);
    return transcoder.transcode(Signal.TRACES, json, Allowance.UNLIMITED).warnings().keySet();
  }

  @Test
  void transcoder_readsProfiles() throws Exception {
    ExportProfilesServiceRequest request =
        ExportProfilesServiceRequest.parseFrom(
            transcode(
                Signal.PROFILES,
                """
                {"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"timeUnixNano":"5","profileId":"000102030405060708090a0b0c0d0e0F",
                  "samples":[{"stackIndex":1,"values":["7","-8"],"timestampsUnixNano":["9"]}]}]}]}],
                 "dictionary":{"stringTable":["","cpu"],
                  "linkTable":[{"traceId":"0A","spanId":"ff"}]}}
                """));
    assertThat(request.getResourceProfiles(0).getScopeProfiles(0).getProfiles(0).getProfileId())
        .isEqualTo(
            ByteString.copyFrom(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
    var sample = request.getResourceProfiles(0).getScopeProfiles(0).getProfiles(0).getSamples(0);
    assertThat(sample.getValuesList()).containsExactly(7L, -8L);
    assertThat(request.getDictionary().getStringTable(1)).isEqualTo("cpu");
    assertThat(request.getDictionary().getLinkTable(0).getTraceId().toByteArray())
        .containsExactly(10);
  }

  @Test
  void transcoder_takesSnakeCaseEnumNamesAndNull_asProtobufDoes() throws Exception {
    Span span =
        span(
            """
            {"trace_id":"01","kind":"SPAN_KIND_CLIENT","start_time_unix_nano":1.5e3,
             "end_time_unix_nano":"2.0","parentSpanId":null,"attributes":null,"status":null}
            """);
    assertThat(span.getTraceId().toByteArray()).containsExactly(1);
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
    assertThat(span.getStartTimeUnixNano()).isEqualTo(1500);
    assertThat(span.getEndTimeUnixNano()).isEqualTo(2);
    assertThat(span.hasStatus()).isFalse();
  }

  @Test
  void transcoder_ignoresUnknownFieldsAndEnumNames_howeverNested() throws Exception {
    Span span =
        span("{\"newer\":{\"a\":[1,{\"b\":[[]]}]},\"name\":\"n\",\"kind\":\"SPAN_KIND_NEWER\"}");
    assertThat(span).isEqualTo(Span.newBuilder().setName("n").build());
  }

  @Test
  void transcoder_readsMetricNumbers_withTextsForSpecialValues() throws Exception {
    ExportMetricsServiceRequest request =
        ExportMetricsServiceRequest.parseFrom(
            transcode(
                Signal.METRICS,
                """
                {"resourceMetrics":[{"scopeMetrics":[{"metrics":[
                  {"name":"g","gauge":{"dataPoints":[{"asDouble":"NaN"},{"asDouble":"-Infinity"},
                     {"asDouble":"12.5"},{"asInt":"-7"},{"asDouble":0,"timeUnixNano":"18446744073709551615"}]}},
                  {"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[
                     {"count":"6","sum":1,"bucketCounts":["1",2,"3"],"explicitBounds":[1.5,"Infinity"],
                      "exemplars":[{"traceId":"ab","asInt":5}]}]}},
                  {"name":"e","exponentialHistogram":{"dataPoints":[
                     {"scale":-3,"zeroCount":"1","positive":{"offset":"-2","bucketCounts":["300",0]}}]}}
                ]}]}]}
                """));
    var metrics = request.getResourceMetrics(0).getScopeMetrics(0).getMetricsList();
    var points = metrics.get(0).getGauge().getDataPointsList();
    assertThat(points.get(0).getAsDouble()).isNaN();
    assertThat(points.get(1).getAsDouble()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(points.get(2).getAsDouble()).isEqualTo(12.5);
    assertThat(points.get(3).getAsInt()).isEqualTo(-7);
    assertThat(points.get(4).getValueCase()).isEqualTo(NumberDataPoint.ValueCase.AS_DOUBLE);
    assertThat(points.get(4).getTimeUnixNano()).isEqualTo(-1);
    HistogramDataPoint histogram = metrics.get(1).getHistogram().getDataPoints(0);
    assertThat(metrics.get(1).getHistogram().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    assertThat(histogram.getBucketCountsList()).containsExactly(1L, 2L, 3L);
    assertThat(histogram.getExplicitBoundsList()).containsExactly(1.5, Double.POSITIVE_INFINITY);
    assertThat(histogram.getExemplars(0).getTraceId().toByteArray()).containsExactly(0xab);
    ExponentialHistogramDataPoint exponential =
        metrics.get(2).getExponentialHistogram().getDataPoints(0);
    assertThat(exponential.getScale()).isEqualTo(-3);
    assertThat(exponential.getPositive().getOffset()).isEqualTo(-2);
    assertThat(exponential.getPositive().getBucketCountsList()).containsExactly(300L, 0L);
  }

  @Test
  void transcoder_readsLogs() throws Exception {
    ExportLogsServiceRequest request =
        ExportLogsServiceRequest.parseFrom(
            transcode(
                Signal.LOGS,
                """
                {"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{"name":"s"},
                "logRecords":[{"severityNumber":"SEVERITY_NUMBER_WARN","body":{"stringValue":"%s"},
                "eventName":"e","spanId":"0102030405060708"}]}],"schemaUrl":"u"}]}
                """
                    .formatted("long ".repeat(5_000))));
    var log = request.getResourceLogs(0).getScopeLogs(0).getLogRecords(0);
    assertThat(log.getSeverityNumberValue()).isEqualTo(13);
    assertThat(log.getBody().getStringValue()).hasSize(25_000);
    assertThat(log.getSpanId().size()).isEqualTo(8);
    assertThat(request.getResourceLogs(0).getSchemaUrl()).isEqualTo("u");
  }

  @Test
  void transcoder_makesEmptyRequest_ofEmptyObject() {
    assertThat(transcode(Signal.TRACES, "{}")).isEmpty();
  }

  @Test
  void transcoder_refusesWhatDoesNotFit_namingFieldPlaceAndExpectation() {
    assertMalformed("", "body: not usable");
    assertMalformed("[]", "body: not usable at line 1, column 1 (expected: a JSON object)");
    assertMalformed("{} {}", "expected: nothing after the JSON object");
    assertMalformed("{\"resourceSpans\":{}}", "resourceSpans: not usable");
    assertMalformed("{\"resourceSpans\":[{]}", "body: Unexpected");
    assertMalformed("{\"resourceSpans\":[{", "body: Unexpected end-of-input");
    assertMalformed("{\"resourceSpans\":[1]}", "resourceSpans: not usable");
    assertMalformed(spanJson("{\"traceId\":\"xyz\"}"), "traceId: not usable");
    assertMalformed(spanJson("{\"traceId\":7}"), "traceId: not usable at line 1");
    assertMalformed(spanJson("{\"kind\":\"\"}"), "kind: not usable");
    assertMalformed(spanJson("{\"kind\":1.5}"), "expected: a whole number");
    assertMalformed(spanJson("{\"flags\":-1}"), "expected: an unsigned integer of 32 bits");
    assertMalformed(spanJson("{\"startTimeUnixNano\":1e1000000000}"), "expected: an integer");
    assertMalformed(spanJson("{\"startTimeUnixNano\":\"1e-999999\"}"), "expected: an integer");
    assertMalformed(spanJson("{\"startTimeUnixNano\":{}}"), "expected: a number or a short text");
  }

  @Test
  void transcoder_refusesDeepNesting_ofKnownAndUnknownFields() {
    String value = "{\"arrayValue\":{\"values\":[".repeat(60) + "]}}".repeat(60);
    assertMalformed(
        spanJson("{\"attributes\":[{\"key\":\"k\",\"value\":" + value + "}]}"),
        "expected: at most 90");
    assertMalformed("{\"x\":" + "[".repeat(100_000), "depth");
  }

  @Test
  void transcoder_refusesTooLarge_whenProtobufPassesLimit() {
    String zeros = "0,".repeat(400_000);
    String json =
        "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"histogram\":{\"dataPoints\":"
            + "[{\"bucketCounts\":["
            + zeros
            + "0]}]}}]}]}]}";
    var refusal =
        catchThrowableOfType(RefusedException.class, () -> transcode(Signal.METRICS, json));
    assertThat(refusal.reason()).isEqualTo(Reason.TOO_LARGE);
  }

  private void assertMalformed(String json, String message) {
    var refusal =
        catchThrowableOfType(RefusedException.class, () -> transcode(Signal.TRACES, json));
    assertThat(refusal).as(json).isNotNull().hasMessageContaining(message);
    assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED);
  }

  private static String spanJson(String span) {
    return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + span + "]}]}]}";
  }

  private Span span(String json) throws InvalidProtocolBufferException {
    return ExportTraceServiceRequest.parseFrom(transcode(Signal.TRACES, spanJson(json)))
        .getResourceSpans(0)
        .getScopeSpans(0)
        .getSpans(0);
  }

  private byte[] transcode(Signal signal, String json) {
    return transcoder.transcode(signal, json.getBytes(UTF_8), Allowance.UNLIMITED).request();
  }

  private static AnyValue value(Span span, int index) {
    return span.getAttributes(index).getValue();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
