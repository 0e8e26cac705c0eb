package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.ProxiedKafka;
import dev.tocsin.testkit.fault.Direction;
import dev.tocsin.testkit.fault.FaultProxy;
import dev.tocsin.testkit.fault.Passage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Kafka behind a network that fails: a client is told 200 for what Kafka has, and else something
 * that makes it try again.
 */
class NetworkFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static ProxiedKafka kafka;
  private static FaultProxy proxy;
  private static RunningIngest ingest;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String service = Backends.uniqueName("network");

  @BeforeAll
  static void start() {
    kafka = Backends.proxiedKafka();
    proxy = kafka.proxy();
    ingest =
        RunningIngest.start(
            kafka.proxiedBootstrapServers(), Map.of("ingest.request_timeout", "2s"));
  }

  @AfterAll
  static void stop() {
    ingest.close();
    kafka.close();
  }

  @AfterEach
  void heal() {
    proxy.heal();
  }

  private HttpResponse<byte[]> post(long span) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
            .header("content-type", "application/x-protobuf")
            .POST(BodyPublishers.ofByteArray(Otlp.traces(service, span, 1).toByteArray()))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private String admin(String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(ingest.admin() + path)).build(),
            BodyHandlers.ofString())
        .body();
  }

  /** As an SDK does: again until it is accepted. */
  private void postUntilAccepted(long span) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              HttpResponse<byte[]> answer = post(span);
              if (answer.statusCode() != 200) {
                assertRetryable(answer);
              }
              return answer.statusCode() == 200;
            });
  }

  private static void assertRetryable(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
  }

  private List<Long> stored() {
    List<Long> ids = new ArrayList<>();
    try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), Topic.SPANS)) {
      for (var message : reader.readToEnd()) {
        TopicReader.spans(message, service)
            .forEach(span -> ids.add(span.getSpanId().asReadOnlyByteBuffer().getLong()));
      }
    }
    return ids;
  }

  @Test
  void spans_areAcceptedAndThereOnce_whenKafkasAnswerIsLost() throws Exception {
    for (long span = 1; span <= 3; span++) {
      var lost = proxy.loseReplyTo(service);
      HttpResponse<byte[]> answer = post(span);
      lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(answer.statusCode()).isEqualTo(200);
    }
    assertThat(stored()).containsExactlyInAnyOrder(1L, 2L, 3L);
  }

  @Test
  void requests_areRefusedRetryably_whileKafkaIsHalfOpen() throws Exception {
    proxy.halfOpen();
    assertRetryable(post(1));
    assertRetryable(post(2));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(admin("/health")).contains("Kafka: "));
    // Whoever asks is told what is away, in time, and not that ingest itself is broken.
    assertThat(admin("/health")).contains("Kafka: ").doesNotContain("Unhealthy");
    proxy.heal();
    postUntilAccepted(1);
    postUntilAccepted(2);
    postUntilAccepted(3);
    // A request that was refused may be there all the same; what was accepted is.
    assertThat(stored()).contains(1L, 2L, 3L);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(admin("/health")).doesNotContain("Kafka: "));
  }

  @Test
  void acceptedSpans_areThere_whenConnectionsAreCutAnywhere() throws Exception {
    List<Long> accepted = new ArrayList<>();
    for (long span = 1; span <= 20; span++) {
      Direction direction = span % 2 == 0 ? Direction.TO_SERVER : Direction.TO_CLIENT;
      proxy.set(direction, Passage.CLEAR.cutAfter(span * 40));
      HttpResponse<byte[]> answer = post(span);
      if (answer.statusCode() == 200) {
        accepted.add(span);
      } else {
        assertRetryable(answer);
      }
      proxy.heal();
    }
    postUntilAccepted(21);
    accepted.add(21L);
    assertThat(stored()).containsAll(accepted);
  }
}
