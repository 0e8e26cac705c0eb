package dev.tocsin.storage.write.consume;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.storage.ports.Batch;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Real requests of numbered items, and the numbers of what has become of them. */
enum SimSignal {
  SPANS(Topic.SPANS) {
    @Override
    byte[] request(List<Long> items, LongUnaryOperator nanos) {
      ScopeSpans.Builder spans = ScopeSpans.newBuilder();
      for (long item : items) {
        spans.addSpans(
            Span.newBuilder()
                .setTraceId(bytes(item, 16))
                .setSpanId(bytes(item, 8))
                .setName("operation " + item % 3)
                .setStartTimeUnixNano(nanos.applyAsLong(item))
                .setEndTimeUnixNano(nanos.applyAsLong(item) + 1_000_000));
      }
      return ExportTraceServiceRequest.newBuilder()
          .addResourceSpans(ResourceSpans.newBuilder().setResource(SHOP).addScopeSpans(spans))
          .build()
          .toByteArray();
    }

    @Override
    List<Long> items(byte[] request) throws InvalidProtocolBufferException {
      return ExportTraceServiceRequest.parseFrom(request).getResourceSpansList().stream()
          .flatMap(resource -> resource.getScopeSpansList().stream())
          .flatMap(scope -> scope.getSpansList().stream())
          .map(span -> number(span.getSpanId()))
          .toList();
    }

    @Override
    List<Long> items(Batch.Content content) {
      List<Long> items = new ArrayList<>();
      for (var part : ((Batch.Spans) content).parts()) {
        SpanSegment segment =
            new SpanSegment(
                SpanSegments.FORMAT, part.core(), part.ids(), part.attrs(), part.events());
        for (int row = 0; row < segment.count(); row++) {
          items.add(number(segment.spanId(row)));
        }
      }
      return items;
    }
  },

  LOGS(Topic.LOGS) {
    @Override
    byte[] request(List<Long> items, LongUnaryOperator nanos) {
      ScopeLogs.Builder logs = ScopeLogs.newBuilder();
      for (long item : items) {
        logs.addLogRecords(
            LogRecord.newBuilder()
                .setTimeUnixNano(nanos.applyAsLong(item))
                .setBody(AnyValue.newBuilder().setStringValue(Long.toString(item))));
      }
      return ExportLogsServiceRequest.newBuilder()
          .addResourceLogs(ResourceLogs.newBuilder().setResource(SHOP).addScopeLogs(logs))
          .build()
          .toByteArray();
    }

    @Override
    List<Long> items(byte[] request) throws InvalidProtocolBufferException {
      return ExportLogsServiceRequest.parseFrom(request).getResourceLogsList().stream()
          .flatMap(resource -> resource.getScopeLogsList().stream())
          .flatMap(scope -> scope.getLogRecordsList().stream())
          .map(log -> Long.parseLong(log.getBody().getStringValue()))
          .toList();
    }

    @Override
    List<Long> items(Batch.Content content) {
      List<Long> items = new ArrayList<>();
      for (var part : ((Batch.Logs) content).parts()) {
        LogSegment segment =
            new LogSegment(LogSegments.FORMAT, part.meta(), part.body(), part.attrs());
        for (int row = 0; row < segment.count(); row++) {
          items.add(Long.parseLong(segment.log(row).getBody().getStringValue()));
        }
      }
      return items;
    }
  },

  /** A gauge of an item is its number; a delta is the sum of the items that count. */
  METRICS(Topic.METRICS) {
    @Override
    byte[] request(List<Long> items, LongUnaryOperator nanos) {
      Gauge.Builder gauge = Gauge.newBuilder();
      Sum.Builder delta =
          Sum.newBuilder()
              .setIsMonotonic(true)
              .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
      for (long item : items) {
        NumberDataPoint.Builder point =
            NumberDataPoint.newBuilder()
                .setTimeUnixNano(nanos.applyAsLong(item))
                .setAsDouble((double) item);
        delta.addDataPoints(point);
        gauge.addDataPoints(point.addAttributes(text("item", Long.toString(item))));
      }
      return ExportMetricsServiceRequest.newBuilder()
          .addResourceMetrics(
              ResourceMetrics.newBuilder()
                  .setResource(SHOP)
                  .addScopeMetrics(
                      ScopeMetrics.newBuilder()
                          .addMetrics(Metric.newBuilder().setName("items").setGauge(gauge))
                          .addMetrics(Metric.newBuilder().setName("deltas").setSum(delta))))
          .build()
          .toByteArray();
    }

    @Override
    List<Long> items(byte[] request) throws InvalidProtocolBufferException {
      return ExportMetricsServiceRequest.parseFrom(request).getResourceMetricsList().stream()
          .flatMap(resource -> resource.getScopeMetricsList().stream())
          .flatMap(scope -> scope.getMetricsList().stream())
          .flatMap(metric -> metric.getGauge().getDataPointsList().stream())
          .map(point -> (long) point.getAsDouble())
          .toList();
    }

    @Override
    List<Long> items(Batch.Content content) {
      List<Long> items = new ArrayList<>();
      for (SeriesSamples series : series(content)) {
        for (int i = 0; i < series.size() && !series.accumulated(); i++) {
          long value = (long) series.value(i);
          if (value >= FIRST_ITEM) {
            items.add(value);
          }
        }
      }
      return items;
    }
  };

  /** Smaller values are of series that describe the resource. */
  static final long FIRST_ITEM = 1_000;

  private static final Resource SHOP =
      Resource.newBuilder()
          .addAttributes(text("service.name", "shop"))
          .addAttributes(text("service.instance.id", "shop-1"))
          .build();

  @SuppressWarnings("ImmutableEnumChecker") // a record of values
  final Topic topic;

  SimSignal(Topic topic) {
    this.topic = topic;
  }

  /** A request of these items, each at its time. */
  abstract byte[] request(List<Long> items, LongUnaryOperator nanos);

  /** The items of a request. */
  abstract List<Long> items(byte[] request) throws InvalidProtocolBufferException;

  /** The items of what is stored. */
  abstract List<Long> items(Batch.Content content);

  static List<SeriesSamples> series(Batch.Content content) {
    return ((Batch.Samples) content)
        .parts().stream()
            .flatMap(part -> MetricBlocks.decode(MetricBlocks.FORMAT, part.data()).stream())
            .toList();
  }

  static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static ByteString bytes(long number, int size) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(size).putLong(size - Long.BYTES, number).array());
  }

  private static long number(ByteString id) {
    return ByteBuffer.wrap(id.toByteArray()).getLong(id.size() - Long.BYTES);
  }
}
