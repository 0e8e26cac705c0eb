package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that send a whole request and go before anybody could look at it. */
class GoneClientIT {
  private static final int MORE_THAN_A_LOOP_PREPARES = 2 << 20;
  private static final String HTTP2_PATH = "/v1/traces";

  private static RunningIngest ingest;
  private final String service = Backends.uniqueName("gone");

  private interface Client {
    void use(OutputStream out) throws IOException;
  }

  @BeforeAll
  static void start() {
    ingest = RunningIngest.start(Backends.kafka(), Map.of("ingest.request_timeout", "60s"));
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void request_isDroppedAndCounted_whenItsConnectionClosedBeforeItWasProduced() throws Exception {
    byte[] body = Otlp.traces(service, 1, 3).toByteArray();
    for (boolean abrupt : new boolean[] {false, true}) {
      goneWhilePaused(
          ingest.http(), out -> out.write(http1Head(body.length)), out -> out.write(body), abrupt);
    }
    assertNothingStored();
  }

  @Test
  void http2Request_isDroppedAndCounted_whenItsConnectionClosedBeforeItWasProduced()
      throws Exception {
    byte[] body = Otlp.traces(service, 1, 3).toByteArray();
    goneWhilePaused(
        ingest.http(),
        out -> {
          out.write(Http2Frames.PREFACE);
          out.write(Http2Frames.headersOfPost(1, HTTP2_PATH, "application/x-protobuf"));
        },
        out -> out.write(Http2Frames.lastData(1, body)),
        false);
    assertNothingStored();
  }

  @Test
  void http2Request_isDroppedAndCounted_whenItsStreamWasResetBeforeItWasProduced()
      throws Exception {
    byte[] body = Otlp.traces(service, 1, 3).toByteArray();
    goneWhilePaused(
        ingest.http(),
        out -> {
          out.write(Http2Frames.PREFACE);
          out.write(Http2Frames.headersOfPost(1, HTTP2_PATH, "application/x-protobuf"));
        },
        out -> {
          out.write(Http2Frames.lastData(1, body));
          out.write(Http2Frames.reset(1));
        },
        false);
    assertNothingStored();
  }

  @Test
  void grpcCall_isDroppedAndCounted_whenItWasCancelledBeforeItWasProduced() throws Exception {
    byte[] body = Otlp.traces(service, 1, 3).toByteArray();
    byte[] message =
        ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(body.length).put(body).array();
    for (boolean reset : new boolean[] {false, true}) {
      goneWhilePaused(
          ingest.grpc(),
          out -> {
            out.write(Http2Frames.PREFACE);
            out.write(Http2Frames.headersOfExport(1));
          },
          out -> {
            out.write(Http2Frames.lastData(1, message));
            out.write(reset ? Http2Frames.reset(1) : new byte[0]);
          },
          false);
    }
    assertNothingStored();
  }

  /** A large body is prepared by workers while its event loop sees the client go. */
  @Test
  void largeRequest_isDroppedAndCounted_whenItsClientWentWhileItWaitedForAWorker()
      throws Exception {
    var large = Otlp.traces(service, 1, 1).toBuilder();
    large
        .getResourceSpansBuilder(0)
        .getScopeSpansBuilder(0)
        .getSpansBuilder(0)
        .setName("x".repeat(MORE_THAN_A_LOOP_PREPARES));
    byte[] body = large.build().toByteArray();
    double before = cancelled();
    double itemsBefore = cancelledItems();
    CountDownLatch go = new CountDownLatch(1);
    WorkerExecutor workers =
        ingest
            .vertx()
            .createSharedWorkerExecutor(
                "ingest-large-bodies", Runtime.getRuntime().availableProcessors());
    try (Socket socket = connect(ingest.http())) {
      for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
        workers
            .executeBlocking(
                () -> {
                  go.await();
                  return null;
                },
                false)
            .onFailure(AssertionError::new);
      }
      socket.getOutputStream().write(http1Head(body.length));
      socket.getOutputStream().write(body);
      await().until(() -> metric("otlp_in_flight_bytes{") >= body.length);
    }
    try {
      await().until(() -> cancelled() == before + 1);
    } finally {
      go.countDown();
    }
    await().until(() -> metric("otlp_in_flight_requests{") == 0);
    assertThat(cancelledItems()).isEqualTo(itemsBefore + 1);
    RunningIngest.await(workers.close());
    assertNothingStored();
  }

  /**
   * @param first is known to have arrived before all event loops stand still
   * @param rest is sent while they do, and then the client goes
   */
  private static void goneWhilePaused(String endpoint, Client first, Client rest, boolean abrupt)
      throws Exception {
    double before = cancelled();
    CountDownLatch go = new CountDownLatch(1);
    try (Socket socket = connect(endpoint)) {
      first.use(socket.getOutputStream());
      await().until(() -> metric("otlp_in_flight_requests{") == 1);
      pauseEventLoops(go);
      rest.use(socket.getOutputStream());
      socket.setSoLinger(abrupt, 0);
    } finally {
      go.countDown();
    }
    await().until(() -> cancelled() == before + 1);
    await().until(() -> metric("otlp_in_flight_requests{") == 0);
  }

  /** Returns when all stand still. */
  private static void pauseEventLoops(CountDownLatch go) throws InterruptedException {
    var loops = ((VertxInternal) ingest.vertx()).nettyEventLoopGroup();
    int count = 0;
    for (var unused : loops) {
      count++;
    }
    CountDownLatch standing = new CountDownLatch(count);
    for (var loop : loops) {
      loop.execute(
          () -> {
            standing.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
    }
    standing.await();
  }

  /** A later request of the same trace, so of the same partition, comes through, and no other. */
  private void assertNothingStored() throws Exception {
    String later = service + "-later";
    try (Socket socket = connect(ingest.http());
        TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      byte[] body = Otlp.traces(later, 1, 3).toByteArray();
      socket.getOutputStream().write(http1Head(body.length));
      socket.getOutputStream().write(body);
      assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
          .isEqualTo("HTTP/1.1 200");
      assertThat(reader.await(message -> !TopicReader.spans(message, later).isEmpty()))
          .isNotEmpty();
      assertThat(reader.readToEnd())
          .allSatisfy(message -> assertThat(TopicReader.spans(message, service)).isEmpty());
    }
  }

  private static byte[] http1Head(int length) {
    return ("POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"
            + "content-length: "
            + length
            + "\r\n\r\n")
        .getBytes(UTF_8);
  }

  private static Socket connect(String endpoint) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), ingest.port(endpoint));
  }

  private static double cancelled() {
    return metric("otlp_errors_total{reason=\"cancelled\"");
  }

  private static double cancelledItems() {
    return metric("otlp_refused_spans_total{reason=\"cancelled\"");
  }

  private static double metric(String beginning) {
    return ingest
        .scrape()
        .lines()
        .filter(line -> line.startsWith(beginning))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
