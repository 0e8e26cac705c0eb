package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.json.JsonTranscoder;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.JavaAgentShop;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenTelemetry Java agent on a real HTTP program. */
class JavaAgentIT {
  private static final Path AGENT = Path.of("target", "otel", "opentelemetry-javaagent.jar");

  private static RunningIngest ingest;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    ingest = RunningIngest.start(Backends.kafka(), Map.of());
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void everySpanOfTheAgent_isInKafkaAsItWas_overGrpc() throws Exception {
    assertArrives("grpc", "http://" + ingest.grpc());
  }

  @Test
  void everySpanOfTheAgent_isInKafkaAsItWas_overHttp() throws Exception {
    assertArrives("http/protobuf", ingest.http());
  }

  private void assertArrives(String protocol, String endpoint) throws Exception {
    String service = Backends.uniqueName("agent");
    List<String> sent = JavaAgentShop.run(AGENT, directory, service, protocol, endpoint);
    List<Span> expected = new ArrayList<>();
    for (String json : sent) {
      byte[] request =
          new JsonTranscoder(16 << 20)
              .transcode(Signal.TRACES, json.getBytes(UTF_8), Allowance.UNLIMITED)
              .request();
      expected.addAll(spans(ExportTraceServiceRequest.parseFrom(request)));
    }
    assertThat(expected).hasSize(JavaAgentShop.SPANS);
    assertThat(expected).anyMatch(span -> span.getEventsCount() == 2);
    List<Span> stored = new ArrayList<>();
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      reader.readToEnd().forEach(message -> stored.addAll(TopicReader.spans(message, service)));
    }
    assertThat(stored).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static List<Span> spans(ExportTraceServiceRequest request) {
    return request.getResourceSpansList().stream()
        .flatMap(r -> r.getScopeSpansList().stream())
        .flatMap(s -> s.getSpansList().stream())
        .toList();
  }
}
