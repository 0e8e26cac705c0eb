package dev.tocsin.segment.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SourcesTest {
  private final Sources sources = new Sources();

  private Source[] of(ExportTraceServiceRequest request) {
    return sources.of(OtlpScanner.scan(Signal.TRACES, request.toByteArray()));
  }

  private static Resource resource(String service, int bytes) {
    return Resource.newBuilder()
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("service.name")
                .setValue(AnyValue.newBuilder().setStringValue(service)))
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("filler")
                .setValue(AnyValue.newBuilder().setStringValue("x".repeat(bytes))))
        .build();
  }

  private static ScopeSpans scope(String name) {
    return ScopeSpans.newBuilder()
        .setScope(InstrumentationScope.newBuilder().setName(name))
        .addSpans(Span.newBuilder().setName("work"))
        .build();
  }

  @Test
  void sources_areThoseOfTheRequest_whateverWasSeenBefore() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
      List<Origin> expected = new ArrayList<>();
      for (int r = 0; r <= random.nextInt(4); r++) {
        String service = "service " + random.nextInt(5);
        ResourceSpans.Builder head =
            ResourceSpans.newBuilder()
                .setResource(resource(service, random.nextInt(3) * 1_000))
                .setSchemaUrl(random.nextBoolean() ? "" : "schema " + random.nextInt(2));
        ResourceSpans.Builder whole = head.clone();
        for (int s = 0; s <= random.nextInt(3); s++) {
          ScopeSpans scope = scope("scope " + random.nextInt(3));
          whole.addScopeSpans(scope);
          expected.add(
              new Origin(
                  head.build().toByteString(),
                  scope.toBuilder().clearSpans().build().toByteString(),
                  service));
        }
        request.addResourceSpans(whole);
      }

      assertThat(of(request.build())).extracting(Source::origin).isEqualTo(expected);
    }
  }

  @Test
  void scopes_shareTheirResource_soThatALargeOneIsInMemoryOnce() {
    ResourceSpans.Builder large = ResourceSpans.newBuilder().setResource(resource("a", 8 << 20));
    for (int s = 0; s < 5_000; s++) {
      large.addScopeSpans(scope("scope " + s));
    }

    Source[] all = of(ExportTraceServiceRequest.newBuilder().addResourceSpans(large).build());

    ByteString resource = all[0].origin().resource();
    assertThat(all)
        .hasSize(5_000)
        .allSatisfy(source -> assertThat(source.origin().resource()).isSameAs(resource));
  }

  @Test
  void memory_staysBounded_whenEachRequestHasALargeResourceOfItsOwn() {
    for (int i = 0; i < 200; i++) {
      of(
          ExportTraceServiceRequest.newBuilder()
              .addResourceSpans(
                  ResourceSpans.newBuilder()
                      .setResource(resource("service " + i, 100_000))
                      .addScopeSpans(scope("scope")))
              .build());

      assertThat(sources.bytesKept()).isLessThanOrEqualTo(Sources.BYTES_MAX);
    }
  }
}
