package dev.tocsin.testkit.hostile;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;

/** The export requests of all signals under one name, as protobuf itself reads them. */
final class Requests {
  private Requests() {}

  static Message empty(Signal signal) {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.getDefaultInstance();
      case METRICS -> ExportMetricsServiceRequest.getDefaultInstance();
      case LOGS -> ExportLogsServiceRequest.getDefaultInstance();
      case PROFILES -> ExportProfilesServiceRequest.getDefaultInstance();
    };
  }

  /** As consumers do. */
  static Message parse(Signal signal, byte[] bytes) throws InvalidProtocolBufferException {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.parseFrom(bytes);
      case METRICS -> ExportMetricsServiceRequest.parseFrom(bytes);
      case LOGS -> ExportLogsServiceRequest.parseFrom(bytes);
      case PROFILES -> ExportProfilesServiceRequest.parseFrom(bytes);
    };
  }

  /** Spans, data points, log records or profiles in it. */
  static int items(Message request) {
    if (request instanceof ExportTraceServiceRequest traces) {
      return traces.getResourceSpansList().stream()
          .flatMap(resource -> resource.getScopeSpansList().stream())
          .mapToInt(scope -> scope.getSpansCount())
          .sum();
    }
    if (request instanceof ExportMetricsServiceRequest metrics) {
      return metrics.getResourceMetricsList().stream()
          .flatMap(resource -> resource.getScopeMetricsList().stream())
          .flatMap(scope -> scope.getMetricsList().stream())
          .mapToInt(Requests::points)
          .sum();
    }
    if (request instanceof ExportLogsServiceRequest logs) {
      return logs.getResourceLogsList().stream()
          .flatMap(resource -> resource.getScopeLogsList().stream())
          .mapToInt(scope -> scope.getLogRecordsCount())
          .sum();
    }
    return ((ExportProfilesServiceRequest) request)
        .getResourceProfilesList().stream()
            .flatMap(resource -> resource.getScopeProfilesList().stream())
            .mapToInt(scope -> scope.getProfilesCount())
            .sum();
  }

  private static int points(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE -> metric.getGauge().getDataPointsCount();
      case SUM -> metric.getSum().getDataPointsCount();
      case HISTOGRAM -> metric.getHistogram().getDataPointsCount();
      case EXPONENTIAL_HISTOGRAM -> metric.getExponentialHistogram().getDataPointsCount();
      case SUMMARY -> metric.getSummary().getDataPointsCount();
      case DATA_NOT_SET -> 0;
    };
  }
}
