package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DrainIT {
  private static final long HELD_ID = 1L << 40;

  @Test
  void stop_refusesNewWorkRetryably_andFinishesWhatIsInFlight() throws Exception {
    String service = Backends.uniqueName("drain");
    byte[] body = Otlp.traces(service, 1, 1).toByteArray();
    RunningIngest ingest = RunningIngest.start(Backends.kafka(), Map.of());
    try (Socket slow = post(ingest, body.length)) {
      slow.getOutputStream().write(body, 0, 10);
      slow.getOutputStream().flush();
      await().until(() -> ingest.scrape().matches("(?s).*otlp_in_flight_requests\\S* 1\\.0.*"));
      Future<Void> stopped = ingest.service().stop();
      assertThat(ingest.service().ready()).isFalse();
      try (Socket late = post(ingest, body.length)) {
        late.getOutputStream().write(body);
        assertThat(answer(late))
            .contains("HTTP/1.1 503", "connection: close")
            .containsPattern("retry-after: [12]");
      }
      assertThat(stopped.isComplete()).isFalse();
      slow.getOutputStream().write(body, 10, body.length - 10);
      assertThat(answer(slow)).contains("HTTP/1.1 200");
      RunningIngest.await(stopped);
      try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
        assertThat(reader.await(message -> !TopicReader.spans(message, service).isEmpty()))
            .hasSize(1);
      }
    } finally {
      ingest.close();
    }
  }

  /**
   * Under load from both transports: whatever got an OK is in Kafka, whatever did not may be sent
   * again.
   */
  @Test
  void stopUnderLoad_losesNothingAcknowledged_andRefusesTheRestRetryably() throws Exception {
    String service = Backends.uniqueName("drain-load");
    RunningIngest ingest = RunningIngest.start(Backends.kafka(), Map.of());
    Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    List<String> permanent = new CopyOnWriteArrayList<>();
    List<String> refusals = new CopyOnWriteArrayList<>();
    AtomicLong ids = new AtomicLong();
    AtomicBoolean running = new AtomicBoolean(true);
    List<Thread> senders = new ArrayList<>();
    GrpcClient grpc = new GrpcClient(ingest.grpc());
    // Its HTTP/2 takes a GOAWAY for the end of the requests under way, answered or not.
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (int i = 0; i < 8; i++) {
      boolean overGrpc = i % 2 == 0;
      Thread sender =
          new Thread(
              () -> {
                while (running.get()) {
                  long id = ids.incrementAndGet();
                  byte[] body = Otlp.traces(service, id, 1).toByteArray();
                  String answer =
                      overGrpc ? grpcAnswer(grpc, body) : httpAnswer(http, ingest, body);
                  if (answer.equals("OK")) {
                    acknowledged.add(id);
                  } else if (answer.startsWith("retryable")) {
                    refusals.add(answer);
                  } else if (!answer.equals("no connection")) {
                    permanent.add(answer);
                  }
                }
              });
      senders.add(sender);
      sender.start();
    }
    // Keeps the drain open until a refusal has been seen on each transport.
    byte[] held = Otlp.traces(service, HELD_ID, 1).toByteArray();
    try (Socket slow = post(ingest, held.length)) {
      slow.getOutputStream().write(held, 0, 10);
      await().until(() -> acknowledged.size() > 200);
      Future<Void> stopped = ingest.service().stop();
      assertThat(ingest.service().ready()).isFalse();
      await()
          .untilAsserted(() -> assertThat(refusals).contains("retryable http", "retryable grpc"));
      slow.getOutputStream().write(held, 10, held.length - 10);
      assertThat(answer(slow)).contains("HTTP/1.1 200");
      RunningIngest.await(stopped);
    } finally {
      running.set(false);
      for (Thread sender : senders) {
        sender.join();
      }
      grpc.close();
      ingest.close();
    }
    assertThat(permanent).isEmpty();
    Set<Long> stored = new HashSet<>();
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      for (var message : reader.readToEnd()) {
        TopicReader.spans(message, service)
            .forEach(span -> stored.add(span.getSpanId().asReadOnlyByteBuffer().getLong()));
      }
    }
    assertThat(stored).containsAll(acknowledged).contains(HELD_ID);
  }

  private static String grpcAnswer(GrpcClient client, byte[] body) {
    try {
      assertThat(client.call(GrpcClient.TRACES, body)).isEmpty();
      return "OK";
    } catch (StatusRuntimeException e) {
      boolean ours = StatusProto.fromThrowable(e).getDetailsCount() > 0;
      return switch (e.getStatus().getCode()) {
        case UNAVAILABLE -> ours ? "retryable grpc" : "no connection";
        default -> e.getStatus().toString();
      };
    }
  }

  private static String httpAnswer(HttpClient client, RunningIngest ingest, byte[] body) {
    try {
      HttpResponse<byte[]> response =
          client.send(
              HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
                  .header("content-type", "application/x-protobuf")
                  .POST(BodyPublishers.ofByteArray(body))
                  .build(),
              BodyHandlers.ofByteArray());
      boolean retryable =
          response.statusCode() == 503 && response.headers().firstValue("retry-after").isPresent();
      return response.statusCode() == 200
          ? "OK"
          : retryable ? "retryable http" : "status " + response.statusCode();
    } catch (IOException e) {
      return "no connection";
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void http2Connections_areToldToGoElsewhere() throws Exception {
    RunningIngest ingest = RunningIngest.start(Backends.kafka(), Map.of());
    byte[] body = Otlp.traces("goaway", 1, 1).toByteArray();
    try (Socket slow = post(ingest, body.length);
        Socket http2 = new Socket(InetAddress.getLoopbackAddress(), ingest.port(ingest.grpc()))) {
      slow.getOutputStream().write(body, 0, 10);
      http2.getOutputStream().write(Http2Frames.PREFACE);
      await().until(() -> ingest.scrape().matches("(?s).*otlp_in_flight_requests\\S* 1\\.0.*"));
      Future<Void> stopped = ingest.service().stop();
      http2.setSoTimeout(30_000);
      assertThat(Http2Frames.awaitFrame(http2.getInputStream(), Http2Frames.GOAWAY))
          // Last stream: all there can be; no error.
          .startsWith(0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0);
      slow.getOutputStream().write(body, 10, body.length - 10);
      assertThat(answer(slow)).contains("HTTP/1.1 200");
      RunningIngest.await(stopped);
    } finally {
      ingest.close();
    }
  }

  private static Socket post(RunningIngest ingest, int length) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port(ingest.http()));
    String head =
        "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"
            + "content-length: "
            + length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(UTF_8));
    return socket;
  }

  /** The head of the answer. */
  private static String answer(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    try {
      for (String line = reader.readLine();
          line != null && !line.isEmpty();
          line = reader.readLine()) {
        head.append(line).append('\n');
      }
    } catch (SocketException closed) {
      head.append(closed.getMessage());
    }
    return head.toString();
  }
}
