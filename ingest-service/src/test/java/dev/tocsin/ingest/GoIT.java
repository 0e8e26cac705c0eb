package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.GoShop;
import dev.tocsin.testkit.otel.SentRequests;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenTelemetry SDK for Go with its exporters of both protocols. */
class GoIT {
  private static RunningIngest ingest;
  private static GoShop shop;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    shop = GoShop.build();
    ingest = RunningIngest.start(Backends.kafka(), Map.of());
  }

  @AfterAll
  static void stop() {
    if (ingest != null) {
      ingest.close();
    }
  }

  @Test
  void everySpanMetricAndLog_isInKafkaAsItWas_overGrpc() {
    assertAllArrives("grpc", "http://" + ingest.grpc());
  }

  @Test
  void everySpanMetricAndLog_isInKafkaAsItWas_overHttpProtobuf() {
    assertAllArrives("http/protobuf", ingest.http());
  }

  private void assertAllArrives(String protocol, String endpoint) {
    String service = Backends.uniqueName("go");
    SentRequests sent = shop.run(directory, service, protocol, endpoint);
    assertStored(Signal.TRACES, service, sent.traces(), 2);
    assertStored(Signal.METRICS, service, sent.metrics(), 5);
    assertStored(Signal.LOGS, service, sent.logs(), 1);
  }

  private static void assertStored(
      Signal signal, String service, List<byte[]> requests, int count) {
    List<Item> sent = Item.of(signal, requests);
    assertThat(sent).hasSize(count);
    assertThat(Item.stored(signal, service)).containsExactlyInAnyOrderElementsOf(sent);
  }
}
