package dev.tocsin.ingest;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;

/** Requests for tests. */
final class Otlp {
  private Otlp() {}

  /** Spans of one service; span i has trace and span id {@code first + i}. */
  static ExportTraceServiceRequest traces(String service, long first, int count) {
    var scope = ScopeSpans.newBuilder();
    for (long id = first; id < first + count; id++) {
      scope.addSpans(span(id));
    }
    return traces(service, scope);
  }

  static ExportTraceServiceRequest traces(String service, ScopeSpans.Builder scope) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder().setResource(resource(service)).addScopeSpans(scope))
        .build();
  }

  static Span span(long id) {
    return Span.newBuilder()
        .setTraceId(ByteString.copyFrom(ByteBuffer.allocate(16).putLong(id).putLong(id).flip()))
        .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(id).flip()))
        .setName("span " + id)
        .build();
  }

  static Resource resource(String service) {
    return Resource.newBuilder()
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("service.name")
                .setValue(AnyValue.newBuilder().setStringValue(service)))
        .build();
  }

  static boolean isFrom(Resource resource, String service) {
    return resource.getAttributesList().stream()
        .anyMatch(
            a ->
                a.getKey().equals("service.name") && a.getValue().getStringValue().equals(service));
  }
}
