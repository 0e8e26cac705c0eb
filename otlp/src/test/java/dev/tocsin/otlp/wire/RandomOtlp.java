package dev.tocsin.otlp.wire;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Random;

/** Requests of random shape; empty resources and scopes among them. */
final class RandomOtlp {
  private final Random random;

  public RandomOtlp(long seed) {
    this.random = new Random(seed);
  }

  ExportTraceServiceRequest traces() {
    var request = ExportTraceServiceRequest.newBuilder();
    for (int r = random.nextInt(4); r > 0; r--) {
      var spans = request.addResourceSpansBuilder().setResource(resource()).setSchemaUrl("r" + r);
      for (int s = random.nextInt(4); s > 0; s--) {
        var scope = spans.addScopeSpansBuilder().setScope(scope()).setSchemaUrl("s" + s);
        for (int i = random.nextInt(6); i > 0; i--) {
          scope.addSpans(span());
        }
      }
    }
    return request.build();
  }

  ExportLogsServiceRequest logs() {
    var request = ExportLogsServiceRequest.newBuilder();
    for (int r = random.nextInt(5); r > 0; r--) {
      var logs = request.addResourceLogsBuilder().setResource(resource());
      for (int s = random.nextInt(3); s > 0; s--) {
        var scope = logs.addScopeLogsBuilder().setScope(scope());
        for (int i = random.nextInt(5); i > 0; i--) {
          scope.addLogRecords(LogRecord.newBuilder().setTimeUnixNano(random.nextLong()));
        }
      }
    }
    return request.build();
  }

  ExportMetricsServiceRequest metrics() {
    var request = ExportMetricsServiceRequest.newBuilder();
    for (int r = random.nextInt(5); r > 0; r--) {
      var metrics = request.addResourceMetricsBuilder().setResource(resource());
      for (int s = random.nextInt(3); s > 0; s--) {
        var scope = metrics.addScopeMetricsBuilder().setScope(scope());
        for (int i = random.nextInt(5); i > 0; i--) {
          scope.addMetrics(metric());
        }
      }
    }
    return request.build();
  }

  ExportProfilesServiceRequest profiles() {
    var request = ExportProfilesServiceRequest.newBuilder();
    request.getDictionaryBuilder().addStringTable("").addStringTable("cpu");
    request.getDictionaryBuilder().addStackTableBuilder().addLocationIndices(random.nextInt(300));
    for (int r = random.nextInt(4); r > 0; r--) {
      var profiles = request.addResourceProfilesBuilder().setResource(resource());
      for (int s = random.nextInt(3); s > 0; s--) {
        var scope = profiles.addScopeProfilesBuilder().setScope(scope());
        for (int i = random.nextInt(4); i > 0; i--) {
          scope.addProfilesBuilder().addSamplesBuilder().addValues(random.nextLong());
        }
      }
    }
    return request.build();
  }

  private Metric metric() {
    var metric = Metric.newBuilder().setName("m" + random.nextInt(100));
    int points = random.nextInt(4);
    if (random.nextBoolean()) {
      var gauge = Gauge.newBuilder();
      for (int p = 0; p < points; p++) {
        gauge.addDataPoints(
            NumberDataPoint.newBuilder().setTimeUnixNano(1).setAsDouble(random.nextDouble()));
      }
      return metric.setGauge(gauge).build();
    }
    var histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    for (int p = 0; p < points; p++) {
      histogram.addDataPoints(
          HistogramDataPoint.newBuilder()
              .setTimeUnixNano(1)
              .addBucketCounts(random.nextInt(9))
              .setSum(1.5));
    }
    return metric.setHistogram(histogram).build();
  }

  /** A span of one of 20 traces. */
  public Span span() {
    byte[] trace = new byte[16];
    trace[random.nextInt(2) * 15] = (byte) (1 + random.nextInt(10));
    return Span.newBuilder()
        .setTraceId(ByteString.copyFrom(trace))
        .setSpanId(ByteString.copyFrom(longBytes(random.nextLong() | 1)))
        .setName("operation " + random.nextInt(10))
        .addAttributes(attribute("k", "v".repeat(random.nextInt(300))))
        .build();
  }

  private Resource resource() {
    return Resource.newBuilder()
        .addAttributes(attribute("service.name", "service-" + random.nextInt(8)))
        .build();
  }

  private InstrumentationScope scope() {
    return InstrumentationScope.newBuilder().setName("scope-" + random.nextInt(3)).build();
  }

  static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static byte[] longBytes(long value) {
    return java.nio.ByteBuffer.allocate(8).putLong(value).array();
  }
}
