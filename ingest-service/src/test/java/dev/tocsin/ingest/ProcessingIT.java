package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessingIT {
  @TempDir private Path directory;

  private static Span span(long id, String name) {
    return Otlp.span(id).toBuilder()
        .setName(name)
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("user.email")
                .setValue(AnyValue.newBuilder().setStringValue("jane@example.org")))
        .build();
  }

  @Test
  void rules_changeWhatReachesKafka_andTheSenderSeesFullSuccess() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("tocsin.toml"),
            """
            [[ingest.drop]]
            name = "health-checks"
            item = "GET /health"
            [[ingest.redact]]
            name = "mail"
            keys = ["user.email"]
            """);
    String service = Backends.uniqueName("processing");
    try (RunningIngest ingest = RunningIngest.start(Backends.kafka(), file, Map.of())) {
      ScopeSpans.Builder scope =
          ScopeSpans.newBuilder().addSpans(span(1, "GET /health")).addSpans(span(2, "GET /cart"));
      HttpResponse<byte[]> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
                      .header("content-type", "application/x-protobuf")
                      .POST(BodyPublishers.ofByteArray(Otlp.traces(service, scope).toByteArray()))
                      .build(),
                  BodyHandlers.ofByteArray());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEmpty();
      assertThat(ingest.scrape())
          .containsPattern("otlp_processed_total\\{action=\"drop\",.*rule=\"health-checks\",.*} 1")
          .containsPattern("otlp_processed_total\\{action=\"mask\",.*rule=\"mail\",.*} 1");
    }
    List<Span> stored = new ArrayList<>();
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      reader.readToEnd().forEach(message -> stored.addAll(TopicReader.spans(message, service)));
    }
    assertThat(stored).extracting(Span::getName).containsExactly("GET /cart");
    assertThat(stored.get(0).getAttributes(0).getValue().getStringValue()).isEqualTo("****");
  }
}
