package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.JavaScriptShop;
import dev.tocsin.testkit.otel.SentRequests;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenTelemetry SDK for JavaScript with its exporters of all three protocols. */
class JavaScriptIT {
  private static RunningIngest ingest;
  private static JavaScriptShop shop;

  @BeforeAll
  static void start() {
    assumeTrue(JavaScriptShop.isPossible(), "node and npm cannot be run here");
    shop = JavaScriptShop.install(Path.of("target", "otel", "js"));
    ingest = RunningIngest.start(Backends.kafka(), Map.of());
  }

  @AfterAll
  static void stop() {
    if (ingest != null) {
      ingest.close();
    }
  }

  @Test
  void everySpanMetricAndLog_isInKafkaAsItWas_overHttpJson() {
    assertAllArrives("http/json", ingest.http());
  }

  @Test
  void everySpanMetricAndLog_isInKafkaAsItWas_overHttpProtobuf() {
    assertAllArrives("http/protobuf", ingest.http());
  }

  @Test
  void everySpanMetricAndLog_isInKafkaAsItWas_overGrpc() {
    assertAllArrives("grpc", "http://" + ingest.grpc());
  }

  private static void assertAllArrives(String protocol, String endpoint) {
    String service = Backends.uniqueName("js");
    SentRequests sent = shop.run(service, protocol, endpoint);
    assertStored(Signal.TRACES, service, sent.traces(), 2);
    assertStored(Signal.METRICS, service, sent.metrics(), 5);
    assertStored(Signal.LOGS, service, sent.logs(), 1);
  }

  private static void assertStored(
      Signal signal, String service, List<byte[]> requests, int atLeast) {
    List<Item> sent = Item.of(signal, requests);
    // Flushing and shutting down may export the same cumulative values twice.
    assertThat(sent).hasSizeGreaterThanOrEqualTo(atLeast);
    assertThat(Item.stored(signal, service)).containsExactlyInAnyOrderElementsOf(sent);
  }
}
