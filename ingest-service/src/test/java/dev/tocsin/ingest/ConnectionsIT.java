package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.testkit.Backends;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are slow, many, idle, or gone in the middle of a request; and Unix sockets. */
class ConnectionsIT {
  private static final int HEADER_TIMEOUT_MS = 2_000;
  private static final String HEAD =
      "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

  private static final String CANCELLED = "otlp_errors_total{reason=\"cancelled\"";

  @TempDir static Path dir;
  private static RunningIngest ingest;

  @BeforeAll
  static void start() {
    ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of(
                "ingest.header_timeout",
                HEADER_TIMEOUT_MS + "ms",
                "ingest.connections_max",
                "600",
                "ingest.grpc_socket",
                dir.resolve("grpc.sock").toString(),
                "ingest.http_socket",
                dir.resolve("http.sock").toString()));
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void connectionThatDripsItsHeaders_isClosed_theFirstAndAnyLaterOne() throws Exception {
    try (Socket silent = http();
        Socket dripping = http();
        Socket second = http();
        Socket preface = grpc()) {
      send(second, HEAD + "content-length: 2\r\n\r\n{}");
      assertThat(readUntil(second, text -> text.endsWith("{}"))).startsWith("HTTP/1.1 200");
      send(second, "POST /v1/tra");
      preface.getOutputStream().write(Http2Frames.PREFACE, 0, 5);
      assertClosedWhileDripping(dripping);
      assertClosedWhileDripping(second);
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(preface.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(closedFor("header_timeout")).isGreaterThanOrEqualTo(4);
  }

  /** A byte now and then keeps every idle time-out from passing. */
  private static void assertClosedWhileDripping(Socket socket) {
    await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try {
                socket.getOutputStream().write('x');
                socket.setSoTimeout(1);
                return socket.getInputStream().read() == -1;
              } catch (SocketTimeoutException stillOpen) {
                return false;
              } catch (IOException closed) {
                return true;
              }
            });
  }

  @Test
  void slowBodyAndIdleKeepAlive_areNoSlowHeaders() throws Exception {
    try (Socket socket = http();
        Socket http2 = grpc()) {
      http2.getOutputStream().write(Http2Frames.PREFACE);
      send(socket, HEAD + "content-length: 2\r\n\r\n{");
      double before = closedFor("header_timeout");
      // Others time out meanwhile, so that time is known to have passed.
      try (Socket silent = http()) {
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(closedFor("header_timeout")).isGreaterThan(before);
      send(socket, "}");
      assertThat(readUntil(socket, text -> text.endsWith("{}"))).startsWith("HTTP/1.1 200");
      try (Socket silent = http()) {
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
      }
      send(socket, HEAD + "content-length: 2\r\n\r\n{}");
      assertThat(readUntil(socket, text -> text.endsWith("{}"))).startsWith("HTTP/1.1 200");
      http2.getOutputStream().write(Http2Frames.ping());
      assertThat(Http2Frames.awaitFrame(http2.getInputStream(), Http2Frames.PING)).hasSize(8);
    }
  }

  private static double closedFor(String reason) {
    return metric("otlp_connections_closed_total{reason=\"" + reason + "\"");
  }

  @Test
  void manyIdleConnections_areHeld_onlyTheOnesTooManyAreClosed() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        Socket socket = grpc();
        idle.add(socket);
        socket.getOutputStream().write(Http2Frames.PREFACE);
      }
      await().until(() -> active() >= 500);
      try (GrpcClient client = new GrpcClient(ingest.grpc())) {
        assertThat(client.call(GrpcClient.TRACES, new byte[0])).isEmpty();
      }
      for (int i = 0; i < 200; i++) {
        Socket socket = grpc();
        idle.add(socket);
        sendIfOpen(socket);
      }
      await().until(() -> closedFor("connections_max") >= 100);
      await().until(() -> active() == 600);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
    await().until(() -> active() == 0);
  }

  private static void sendIfOpen(Socket socket) {
    try {
      socket.getOutputStream().write(Http2Frames.PREFACE);
    } catch (IOException oneTooMany) {
      assertThat(oneTooMany).hasMessageMatching("(?i).*(reset|broken pipe|abort).*");
    }
  }

  @Test
  void budget_isGivenBack_whenClientsVanishInTheMiddle() throws Exception {
    byte[] part = new byte[16 << 10];
    double before = metric(CANCELLED);
    for (int i = 0; i < 100; i++) {
      try (Socket http1 = http();
          Socket http2 = grpc()) {
        send(http1, HEAD + "content-length: 1000000\r\n\r\n");
        http1.getOutputStream().write(part);
        http2.getOutputStream().write(Http2Frames.PREFACE);
        http2.getOutputStream().write(Http2Frames.headersOfExport(1));
        http2
            .getOutputStream()
            .write(Http2Frames.data(1, Http2Frames.messageOf(1_000_000), part.length));
        await()
            .pollInterval(Duration.ofMillis(5))
            .until(() -> metric("otlp_in_flight_requests{") == 2);
        assertThat(metric("otlp_in_flight_bytes{")).isGreaterThanOrEqualTo(part.length);
        // Some say goodbye, some just break off.
        http1.setSoLinger(true, i % 2);
        http2.setSoLinger(true, i % 2);
      }
      await()
          .pollInterval(Duration.ofMillis(5))
          .until(() -> metric("otlp_in_flight_requests{") == 0);
    }
    assertThat(metric("otlp_in_flight_bytes{")).isZero();
    assertThat(metric(CANCELLED) - before).isEqualTo(200);
    await().until(() -> active() == 0);
  }

  @Test
  void http2Floods_endTheirConnection_andNobodyElses() throws Exception {
    try (GrpcClient client = new GrpcClient(ingest.grpc())) {
      assertThat(client.call(GrpcClient.TRACES, new byte[0])).isEmpty();
      try (Socket resets = grpc()) {
        resets.getOutputStream().write(Http2Frames.PREFACE);
        assertEnds(
            resets,
            round -> {
              int stream = 2 * round + 1;
              resets.getOutputStream().write(Http2Frames.headersOfExport(stream));
              resets.getOutputStream().write(Http2Frames.reset(stream));
            });
      }
      try (Socket continuations = grpc()) {
        continuations.getOutputStream().write(Http2Frames.PREFACE);
        continuations.getOutputStream().write(Http2Frames.headersWithoutEnd(1));
        assertEnds(
            continuations,
            round -> continuations.getOutputStream().write(Http2Frames.continuation(1)));
      }
      assertThat(client.call(GrpcClient.TRACES, new byte[0])).isEmpty();
      await().until(() -> metric("otlp_in_flight_requests{") == 0);
    }
  }

  private interface Round {
    void send(int round) throws IOException;
  }

  private static void assertEnds(Socket socket, Round flood) throws IOException {
    try {
      for (int round = 0; round < 20_000; round++) {
        flood.send(round);
      }
    } catch (IOException closed) {
      return;
    }
    // All of it may have fitted into buffers on the way.
    socket.setSoTimeout(30_000);
    try {
      assertThat(socket.getInputStream().transferTo(OutputStream.nullOutputStream()))
          .isNotNegative();
    } catch (SocketTimeoutException stillOpen) {
      throw new AssertionError("the flood did not end its connection", stillOpen);
    } catch (IOException closed) {
      assertThat(closed).hasMessageContaining("reset");
    }
  }

  @Test
  void unixSockets_serveAsPortsDo() throws Exception {
    var address = UnixDomainSocketAddress.of(dir.resolve("http.sock"));
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(channel.connect(address)).isTrue();
      ByteBuffer request = ByteBuffer.wrap((HEAD + "content-length: 2\r\n\r\n{}").getBytes(UTF_8));
      while (request.hasRemaining()) {
        assertThat(channel.write(request)).isPositive();
      }
      ByteBuffer answer = ByteBuffer.allocate(1_000);
      assertThat(channel.read(answer)).isPositive();
      assertThat(new String(answer.array(), 0, answer.position(), UTF_8))
          .startsWith("HTTP/1.1 200");
    }
    assertThat(dir.resolve("grpc.sock")).exists();
  }

  private static int active() {
    return (int) metric("otlp_active_connections{");
  }

  /** The sum of all series whose line begins so. */
  private static double metric(String beginning) {
    return ingest
        .scrape()
        .lines()
        .filter(line -> line.startsWith(beginning))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static Socket http() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), ingest.port(ingest.http()));
  }

  private static Socket grpc() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), ingest.port(ingest.grpc()));
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
    socket.getOutputStream().flush();
  }

  private static String readUntil(Socket socket, Predicate<String> complete) throws IOException {
    StringBuilder text = new StringBuilder();
    while (!complete.test(text.toString())) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new AssertionError("closed after: " + text);
      }
      text.append((char) next);
    }
    return text.toString();
  }
}
