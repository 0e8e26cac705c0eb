package dev.tocsin.ingest;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** One span, metric or log record with what it belongs to: all of it, to be compared as a whole. */
record Item(
    Resource resource,
    String resourceSchema,
    InstrumentationScope scope,
    String scopeSchema,
    Message value) {
  static final List<Signal> SIGNALS = List.of(Signal.TRACES, Signal.METRICS, Signal.LOGS);

  /** Those of export requests in protobuf. */
  static List<Item> of(Signal signal, Collection<byte[]> requests) {
    List<Item> items = new ArrayList<>();
    for (byte[] request : requests) {
      try {
        add(signal, request, items);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(signal + ": not an export request", e);
      }
    }
    return items;
  }

  /** Those of a service that the shared Kafka has now. */
  static List<Item> stored(Signal signal, String service) {
    return stored(signal).stream().filter(item -> item.isFrom(service)).toList();
  }

  /** All that the shared Kafka has now. */
  static List<Item> stored(Signal signal) {
    try (TopicReader reader = new TopicReader(Backends.kafka(), signal.topic())) {
      return of(signal, reader.readToEnd().stream().map(message -> message.value()).toList());
    }
  }

  boolean isFrom(String service) {
    return Otlp.isFrom(resource, service);
  }

  private static void add(Signal signal, byte[] request, List<Item> to)
      throws InvalidProtocolBufferException {
    switch (signal) {
      case TRACES -> addSpans(ExportTraceServiceRequest.parseFrom(request), to);
      case METRICS -> addMetrics(ExportMetricsServiceRequest.parseFrom(request), to);
      case LOGS -> addLogs(ExportLogsServiceRequest.parseFrom(request), to);
      default -> throw new IllegalArgumentException(signal + " (expected: one of " + SIGNALS + ")");
    }
  }

  private static void addSpans(ExportTraceServiceRequest request, List<Item> to) {
    for (var r : request.getResourceSpansList()) {
      for (var s : r.getScopeSpansList()) {
        for (var value : s.getSpansList()) {
          to.add(
              new Item(r.getResource(), r.getSchemaUrl(), s.getScope(), s.getSchemaUrl(), value));
        }
      }
    }
  }

  private static void addMetrics(ExportMetricsServiceRequest request, List<Item> to) {
    for (var r : request.getResourceMetricsList()) {
      for (var s : r.getScopeMetricsList()) {
        for (var value : s.getMetricsList()) {
          to.add(
              new Item(r.getResource(), r.getSchemaUrl(), s.getScope(), s.getSchemaUrl(), value));
        }
      }
    }
  }

  private static void addLogs(ExportLogsServiceRequest request, List<Item> to) {
    for (var r : request.getResourceLogsList()) {
      for (var s : r.getScopeLogsList()) {
        for (var value : s.getLogRecordsList()) {
          to.add(
              new Item(r.getResource(), r.getSchemaUrl(), s.getScope(), s.getSchemaUrl(), value));
        }
      }
    }
  }
}
