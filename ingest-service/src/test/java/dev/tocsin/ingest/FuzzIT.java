package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.Backends;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A fixed number of damaged requests; {@link Fuzz} is the program for more. */
class FuzzIT {
  private static final long SEED = 20_261_126;
  private static final long REQUESTS = 10_000;

  @Test
  void everyDamagedRequest_isAnsweredAsOtlpSays_andTheServiceStaysWell() throws Exception {
    // Damage that OTLP's structure does not show goes to Kafka: not where other tests read.
    try (EmbeddedKafka kafka = Backends.dedicatedKafka();
        RunningIngest ingest = RunningIngest.start(kafka.bootstrapServers(), Map.of())) {
      Fuzz fuzz = new Fuzz(ingest);
      fuzz.run(SEED, sent -> sent < REQUESTS);
      assertThat(fuzz.problems()).isEmpty();
      assertThat(fuzz.answers())
          .containsKeys("GRPC 0", "GRPC 3", "HTTP_PROTOBUF 200", "HTTP_PROTOBUF 400")
          .containsKeys("HTTP_JSON 200", "HTTP_JSON 400");
      await()
          .untilAsserted(
              () ->
                  assertThat(ingest.scrape())
                      .containsPattern("(?m)^otlp_in_flight_requests\\S* 0")
                      .containsPattern("(?m)^otlp_in_flight_bytes\\S* 0"));
      try (GrpcClient client = new GrpcClient(ingest.grpc())) {
        for (Signal signal : Item.SIGNALS) {
          byte[] request = RichOtlp.request(signal, "after").toByteArray();
          assertThat(client.call(GrpcClient.method(signal), request)).isEmpty();
        }
      }
    }
  }
}
