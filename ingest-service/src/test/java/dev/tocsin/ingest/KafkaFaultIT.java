package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.RetryInfo;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.testkit.Backends;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Kafka dies under load and comes back. */
class KafkaFaultIT {
  private static final int BATCH = 20;

  private final AtomicBoolean sending = new AtomicBoolean(true);
  private final AtomicInteger nextSpan = new AtomicInteger(1);
  private final Queue<Integer> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<StatusRuntimeException> refusals = new ConcurrentLinkedQueue<>();

  @Test
  void deadKafka_makesRetryableAnswers_andNothingAcknowledgedIsLost() throws Exception {
    String service = Backends.uniqueName("fault");
    try (EmbeddedKafka kafka = Backends.dedicatedKafka();
        RunningIngest ingest =
            RunningIngest.start(
                kafka.bootstrapServers(),
                Map.of("ingest.request_timeout", "2s", "ingest.retry_delay", "250ms"));
        GrpcClient client = new GrpcClient(ingest.grpc())) {
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread sender = new Thread(() -> send(client, service), "sender-" + i);
        sender.start();
        senders.add(sender);
      }
      await().until(() -> acknowledged.size() > 20);

      kafka.kill();
      await().atMost(Duration.ofSeconds(30)).until(() -> !refusals.isEmpty());
      HttpResponse<byte[]> http = post(ingest, service);
      assertThat(http.statusCode()).isEqualTo(503);
      assertThat(http.headers().firstValue("retry-after").orElse("none")).isIn("1", "2");
      await().until(() -> status(ingest.admin() + "/ready") == 503);
      assertThat(status(ingest.admin() + "/health")).isEqualTo(200);

      kafka.restart();
      int before = acknowledged.size();
      await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > before + 20);
      await().until(() -> status(ingest.admin() + "/ready") == 200);
      sending.set(false);
      for (Thread sender : senders) {
        sender.join();
      }
      assertThat(refusals).allSatisfy(KafkaFaultIT::assertRetryable);
      assertThat(spansInKafka(kafka, service)).containsAll(acknowledgedSpans());
    }
  }

  private void send(GrpcClient client, String service) {
    while (sending.get()) {
      int first = nextSpan.getAndAdd(BATCH);
      try {
        byte[] answer =
            client.call(GrpcClient.TRACES, Otlp.traces(service, first, BATCH).toByteArray());
        assertThat(answer).isEmpty();
        acknowledged.add(first);
      } catch (StatusRuntimeException e) {
        refusals.add(e);
      }
    }
  }

  private static void assertRetryable(StatusRuntimeException refusal) {
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    com.google.rpc.Status status = StatusProto.fromThrowable(refusal);
    assertThat(status.getDetails(0).is(RetryInfo.class)).isTrue();
  }

  private Set<String> acknowledgedSpans() {
    Set<String> names = new HashSet<>();
    for (int first : acknowledged) {
      for (int id = first; id < first + BATCH; id++) {
        names.add("span " + id);
      }
    }
    return names;
  }

  private static Set<String> spansInKafka(EmbeddedKafka kafka, String service) {
    Set<String> names = new HashSet<>();
    try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), Topic.SPANS)) {
      reader
          .readToEnd()
          .forEach(
              message ->
                  TopicReader.spans(message, service).stream()
                      .map(Span::getName)
                      .forEach(names::add));
    }
    return names;
  }

  private static HttpResponse<byte[]> post(RunningIngest ingest, String service) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
                .header("content-type", "application/x-protobuf")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        Otlp.traces(service, 1_000_000, 1).toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  private static int status(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
