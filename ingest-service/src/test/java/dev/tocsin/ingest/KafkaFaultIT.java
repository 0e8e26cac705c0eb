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
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Kafka is killed under load, with thousands of requests in flight, and comes back. */
class KafkaFaultIT {
  private static final int CONNECTIONS = 4;
  private static final int IN_FLIGHT = 4_000;
  private static final int SPANS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long RETRY_DELAY_MS = 250;

  private final String service = Backends.uniqueName("fault");
  private final AtomicBoolean sending = new AtomicBoolean(true);
  private final AtomicInteger nextSpan = new AtomicInteger(1);
  private final Semaphore places = new Semaphore(IN_FLIGHT);
  private final AtomicInteger unanswered = new AtomicInteger();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final BitSet acknowledgedSpans = new BitSet();
  private final Queue<StatusRuntimeException> refusals = new ConcurrentLinkedQueue<>();

  @Test
  void deadKafka_makesRetryableAnswers_andNothingAcknowledgedIsLost() throws Exception {
    try (EmbeddedKafka kafka = Backends.dedicatedKafka();
        RunningIngest ingest =
            RunningIngest.start(
                kafka.bootstrapServers(),
                Map.of(
                    "ingest.request_timeout",
                    "3s",
                    "ingest.retry_delay",
                    RETRY_DELAY_MS + "ms",
                    "ingest.streams_per_connection_max",
                    Integer.toString(IN_FLIGHT / CONNECTIONS)))) {
      Thread sender = new Thread(() -> send(ingest.grpc()), "sender");
      sender.start();
      await()
          .atMost(PATIENCE)
          .until(() -> acknowledged.get() > IN_FLIGHT && unanswered.get() > IN_FLIGHT / 2);

      kafka.kill();
      await().atMost(PATIENCE).until(() -> refusals.size() > IN_FLIGHT / 2);
      HttpResponse<byte[]> http = post(ingest, service);
      assertThat(http.statusCode()).isEqualTo(503);
      assertThat(http.headers().firstValue("retry-after").orElse("none")).isIn("1", "2");
      await().until(() -> status(ingest.admin() + "/ready") == 503);
      assertThat(status(ingest.admin() + "/health")).isEqualTo(200);

      kafka.restart();
      int before = acknowledged.get();
      await().atMost(PATIENCE).until(() -> acknowledged.get() > before + IN_FLIGHT);
      await().until(() -> status(ingest.admin() + "/ready") == 200);
      sending.set(false);
      sender.join();
      assertThat(refusals).allSatisfy(KafkaFaultIT::assertRetryable);
      BitSet lost = acknowledgedSpans();
      assertThat(lost.cardinality()).isGreaterThan(2 * IN_FLIGHT * SPANS);
      lost.andNot(spansInKafka(kafka));
      assertThat(lost.stream().boxed()).isEmpty();
    }
  }

  /** Keeps all places taken; a refused sender waits as it is told to. */
  private void send(String endpoint) {
    List<GrpcClient> clients =
        Stream.generate(() -> new GrpcClient(endpoint)).limit(CONNECTIONS).toList();
    Executor later = CompletableFuture.delayedExecutor(RETRY_DELAY_MS, TimeUnit.MILLISECONDS);
    while (sending.get()) {
      places.acquireUninterruptibly();
      int first = nextSpan.getAndAdd(SPANS);
      unanswered.incrementAndGet();
      var unused =
          clients
              .get(first / SPANS % CONNECTIONS)
              .send(GrpcClient.TRACES, Otlp.traces(service, first, SPANS).toByteArray())
              .whenComplete(
                  (answer, failure) -> {
                    unanswered.decrementAndGet();
                    if (failure == null) {
                      acknowledge(first);
                      places.release();
                    } else {
                      refusals.add((StatusRuntimeException) failure);
                      later.execute(places::release);
                    }
                  });
    }
    places.acquireUninterruptibly(IN_FLIGHT);
    clients.forEach(GrpcClient::close);
  }

  private synchronized void acknowledge(int first) {
    acknowledgedSpans.set(first, first + SPANS);
    acknowledged.incrementAndGet();
  }

  private synchronized BitSet acknowledgedSpans() {
    return (BitSet) acknowledgedSpans.clone();
  }

  private static void assertRetryable(StatusRuntimeException refusal) {
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    com.google.rpc.Status status = StatusProto.fromThrowable(refusal);
    assertThat(status.getDetails(0).is(RetryInfo.class)).isTrue();
  }

  private BitSet spansInKafka(EmbeddedKafka kafka) {
    BitSet ids = new BitSet();
    try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), Topic.SPANS)) {
      for (var message : reader.readToEnd()) {
        for (Span span : TopicReader.spans(message, service)) {
          ids.set((int) span.getSpanId().asReadOnlyByteBuffer().getLong());
        }
      }
    }
    return ids;
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
