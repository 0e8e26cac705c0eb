package dev.tocsin.storage.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import org.junit.jupiter.api.Test;

final class UnseenSpansTest {
  private static final Span SPAN =
      Span.newBuilder().setSpanId(ByteString.copyFromUtf8("12345678")).setName("GET /").build();

  private final UnseenSpans unseen = new UnseenSpans();

  private static TracesData from(String resource, String scope, Span span) {
    return TracesData.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(
                    Resource.newBuilder().addAttributes(KeyValue.newBuilder().setKey(resource)))
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setScope(InstrumentationScope.newBuilder().setName(scope))
                        .addSpans(span)))
        .build();
  }

  @Test
  void copies_passOnce() {
    assertThat(unseen.of(from("a", "http", SPAN)).getResourceSpansCount()).isEqualTo(1);
    assertThat(unseen.of(from("a", "http", SPAN)).getResourceSpansCount()).isZero();
    assertThat(unseen.count()).isEqualTo(1);
  }

  @Test
  void equalSpans_passBoth_whenScopeOrResourceDiffer() {
    TracesData first = from("a", "http", SPAN);
    assertThat(unseen.of(first)).isEqualTo(first);
    TracesData otherScope = from("a", "grpc", SPAN);
    assertThat(unseen.of(otherScope)).isEqualTo(otherScope);
    TracesData otherResource = from("b", "http", SPAN);
    assertThat(unseen.of(otherResource)).isEqualTo(otherResource);
    TracesData otherContent = from("a", "http", SPAN.toBuilder().setName("PUT /").build());
    assertThat(unseen.of(otherContent)).isEqualTo(otherContent);
    assertThat(unseen.of(otherScope).getResourceSpansCount()).isZero();
    assertThat(unseen.count()).isEqualTo(4);
  }
}
