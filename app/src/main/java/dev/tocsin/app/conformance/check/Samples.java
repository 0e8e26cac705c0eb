package dev.tocsin.app.conformance.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.otlp.json.OtlpJson;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.profiles.v1development.Function;
import io.opentelemetry.proto.profiles.v1development.KeyValueAndUnit;
import io.opentelemetry.proto.profiles.v1development.Link;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Mapping;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import io.opentelemetry.proto.profiles.v1development.Stack;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.random.RandomGenerator;

/** Telemetry of the service {@code tocsin-conformance}, with ids and times of this run. */
public final class Samples {
  private static final long SECOND_NANOS = 1_000_000_000;

  private final long nowNanos;
  private final RandomGenerator random;

  /**
   * @param nowNanos since 1970
   */
  public Samples(long nowNanos, RandomGenerator random) {
    this.nowNanos = nowNanos;
    this.random = random;
  }

  /** In the encoding of the lane. */
  public Body encode(SignalLane lane, Message request, String what) {
    return lane.wire() == Transport.JSON
        ? Body.text(OtlpJson.USUAL.write(request).encode(), what)
        : Body.of(request.toByteArray(), what);
  }

  /** One ordinary span, point, record or profile. */
  public Body valid(SignalLane lane) {
    return encode(lane, valid(lane.signal()), "one valid " + noun(lane.signal()));
  }

  public Message valid(Telemetry signal) {
    return switch (signal) {
      case TRACES -> traces(span().build());
      case METRICS -> metrics(metric(point()));
      case LOGS -> logs(log().build());
      case PROFILES -> profiles();
    };
  }

  /** A request without any telemetry. */
  public Body empty(SignalLane lane) {
    return lane.wire() == Transport.JSON
        ? Body.text("{}", "an empty request")
        : Body.of(new byte[0], "an empty request");
  }

  public static String noun(Telemetry signal) {
    return switch (signal) {
      case TRACES -> "span";
      case METRICS -> "metric point";
      case LOGS -> "log record";
      case PROFILES -> "profile";
    };
  }

  public ExportTraceServiceRequest traces(Span... spans) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(resource())
                .addScopeSpans(
                    ScopeSpans.newBuilder().setScope(scope()).addAllSpans(List.of(spans))))
        .build();
  }

  public ExportMetricsServiceRequest metrics(Metric... metrics) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(resource())
                .addScopeMetrics(
                    ScopeMetrics.newBuilder().setScope(scope()).addAllMetrics(List.of(metrics))))
        .build();
  }

  public ExportLogsServiceRequest logs(LogRecord... records) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder()
                .setResource(resource())
                .addScopeLogs(
                    ScopeLogs.newBuilder().setScope(scope()).addAllLogRecords(List.of(records))))
        .build();
  }

  /** The dictionary's tables begin with an empty entry, as they must. */
  private ExportProfilesServiceRequest profiles() {
    Profile profile = Profile.newBuilder().setProfileId(id(16)).setTimeUnixNano(nowNanos).build();
    return ExportProfilesServiceRequest.newBuilder()
        .setDictionary(
            ProfilesDictionary.newBuilder()
                .addMappingTable(Mapping.getDefaultInstance())
                .addLocationTable(Location.getDefaultInstance())
                .addFunctionTable(Function.getDefaultInstance())
                .addLinkTable(Link.getDefaultInstance())
                .addStackTable(Stack.getDefaultInstance())
                .addAttributeTable(KeyValueAndUnit.getDefaultInstance())
                .addStringTable(""))
        .addResourceProfiles(
            ResourceProfiles.newBuilder()
                .setResource(resource())
                .addScopeProfiles(
                    ScopeProfiles.newBuilder().setScope(scope()).addProfiles(profile)))
        .build();
  }

  public Span.Builder span() {
    return Span.newBuilder()
        .setTraceId(id(16))
        .setSpanId(id(8))
        .setName("conformance")
        .setKindValue(2)
        .setStartTimeUnixNano(nowNanos - SECOND_NANOS)
        .setEndTimeUnixNano(nowNanos)
        .addAttributes(attribute("http.request.method", text("GET")));
  }

  public NumberDataPoint.Builder point() {
    return NumberDataPoint.newBuilder()
        .setStartTimeUnixNano(startNanos())
        .setTimeUnixNano(nowNanos)
        .setAsInt(1)
        .addAttributes(attribute("id", text(Long.toString(random.nextLong()))));
  }

  public Metric metric(NumberDataPoint.Builder point) {
    return Metric.newBuilder()
        .setName("conformance.gauge")
        .setUnit("1")
        .setGauge(Gauge.newBuilder().addDataPoints(point))
        .build();
  }

  public LogRecord.Builder log() {
    return LogRecord.newBuilder()
        .setTimeUnixNano(nowNanos)
        .setObservedTimeUnixNano(nowNanos)
        .setSeverityNumberValue(9)
        .setSeverityText("INFO")
        .setBody(text("conformance"));
  }

  /** A valid request with these attributes on its item. */
  public Message withAttributes(Telemetry signal, List<KeyValue> attributes) {
    return switch (signal) {
      case TRACES -> traces(span().addAllAttributes(attributes).build());
      case METRICS -> metrics(metric(point().addAllAttributes(attributes)));
      case LOGS -> logs(log().addAllAttributes(attributes).build());
      case PROFILES -> valid(signal);
    };
  }

  public static KeyValue attribute(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  public static AnyValue text(String value) {
    return AnyValue.newBuilder().setStringValue(value).build();
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** When what is measured began. */
  public long startNanos() {
    return nowNanos - 60 * SECOND_NANOS;
  }

  /** Random, never all zero. */
  public ByteString id(int length) {
    byte[] id = new byte[length];
    random.nextBytes(id);
    id[0] |= 1;
    return ByteString.copyFrom(id);
  }

  public byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Resource resource() {
    return Resource.newBuilder()
        .addAttributes(attribute("service.name", text("tocsin-conformance")))
        .build();
  }

  private static InstrumentationScope scope() {
    return InstrumentationScope.newBuilder().setName("dev.tocsin.conformance").build();
  }
}
