package dev.tocsin.testkit.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy between a client and a server that says back what it hears. */
class FaultProxyTest {
  private static final int ANSWER_LIMIT_MS = 10_000;
  private static final int SILENCE_MS = 150;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private ServerSocket server;
  private FaultProxy proxy;

  @BeforeEach
  void startEcho() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread accepting = new Thread(this::accept, "echo");
    accepting.setDaemon(true);
    accepting.start();
    proxy = FaultProxy.before(server.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread talking = new Thread(() -> talk(socket), "echo-connection");
        talking.setDaemon(true);
        talking.start();
      }
    } catch (IOException e) {
      heard.add("closed");
    }
  }

  private void talk(Socket socket) {
    try (socket) {
      byte[] bytes = new byte[1024];
      for (int n = socket.getInputStream().read(bytes);
          n >= 0;
          n = socket.getInputStream().read(bytes)) {
        heard.add(new String(bytes, 0, n, UTF_8));
        socket.getOutputStream().write(bytes, 0, n);
      }
      heard.add("end");
    } catch (IOException e) {
      heard.add("reset");
    }
  }

  @Test
  void proxy_carriesBothWays_andTellsTheServerOfTheEnd() throws Exception {
    try (Socket client = connect()) {
      say(client, "hello");
      assertThat(hear(client, 5)).isEqualTo("hello");
      client.shutdownOutput();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(nextHeard()).isEqualTo("hello");
    assertThat(nextHeard()).isEqualTo("end");
    assertThat(proxy.passed(Direction.TO_SERVER)).isEqualTo(5);
    assertThat(proxy.passed(Direction.TO_CLIENT)).isEqualTo(5);
  }

  @Test
  void proxy_carriesALot_whenTheReceiverIsSlow() throws Exception {
    byte[] much = new byte[3 << 20];
    try (Socket client = connect()) {
      Thread sender =
          new Thread(
              () -> {
                try {
                  client.getOutputStream().write(much);
                } catch (IOException e) {
                  heard.add("not sent");
                }
              });
      sender.start();
      assertThat(client.getInputStream().readNBytes(much.length)).hasSize(much.length);
      sender.join();
    }
  }

  @Test
  void latency_delaysBytesInOrder() throws Exception {
    proxy.set(Direction.TO_CLIENT, Passage.CLEAR.withLatency(Duration.ofMillis(SILENCE_MS)));
    try (Socket client = connect()) {
      long began = System.nanoTime();
      say(client, "one");
      assertThat(nextHeard()).isEqualTo("one");
      say(client, "two");
      assertThat(hear(client, 6)).isEqualTo("onetwo");
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isGreaterThanOrEqualTo(Duration.ofMillis(SILENCE_MS));
    }
  }

  @Test
  void halfOpen_acceptsAndHoldsEverything_untilItHeals() throws Exception {
    proxy.halfOpen();
    try (Socket client = connect()) {
      say(client, "late");
      assertSilent(client);
      assertThat(heard).isEmpty();
      proxy.heal();
      assertThat(hear(client, 4)).isEqualTo("late");
    }
  }

  @Test
  void stalledReplies_leaveTheServerWithWhatItWasAsked() throws Exception {
    proxy.set(Direction.TO_CLIENT, Passage.CLEAR.stalled());
    try (Socket client = connect()) {
      say(client, "asked");
      assertThat(nextHeard()).isEqualTo("asked");
      assertSilent(client);
      proxy.heal();
      assertThat(hear(client, 5)).isEqualTo("asked");
    }
  }

  @Test
  void blackHole_losesWhatIsSent_andResetsWhoLostSomethingWhenItHeals() throws Exception {
    try (Socket lucky = connect();
        Socket unlucky = connect()) {
      say(lucky, "x");
      assertThat(hear(lucky, 1)).isEqualTo("x");
      proxy.blackHole();
      say(unlucky, "lost");
      assertSilent(unlucky);
      proxy.heal();
      assertReset(unlucky);
      say(lucky, "y");
      assertThat(hear(lucky, 1)).isEqualTo("y");
    }
  }

  @Test
  void cut_letsExactlySoManyBytesPass() throws Exception {
    proxy.set(Direction.TO_SERVER, Passage.CLEAR.cutAfter(3));
    try (Socket client = connect()) {
      say(client, "abcdef");
      assertReset(client);
    }
    // A reset may overtake the bytes before it; more than these never come.
    assertThat(proxy.passed(Direction.TO_SERVER)).isEqualTo(3);
  }

  @Test
  void refuse_closesThePort_andHealOpensItAgain() throws Exception {
    try (Socket open = connect()) {
      say(open, "x");
      assertThat(hear(open, 1)).isEqualTo("x");
      proxy.refuse();
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      say(open, "y");
      assertThat(hear(open, 1)).isEqualTo("y");
      proxy.heal();
      try (Socket client = connect()) {
        say(client, "again");
        assertThat(hear(client, 5)).isEqualTo("again");
      }
    }
  }

  @Test
  void reset_isSeenAtBothEnds() throws Exception {
    try (Socket client = connect()) {
      say(client, "x");
      assertThat(hear(client, 1)).isEqualTo("x");
      assertThat(proxy.connections()).isEqualTo(1);
      proxy.reset();
      assertReset(client);
      assertThat(nextHeard()).isEqualTo("x");
      assertThat(nextHeard()).isEqualTo("reset");
      assertThat(proxy.connections()).isZero();
    }
  }

  @Test
  void lostReply_isOfOneRequestThatTheServerHasTaken() throws Exception {
    var lost = proxy.loseReplyTo("COMMIT");
    try (Socket client = connect();
        Socket other = connect()) {
      say(other, "begin");
      assertThat(hear(other, 5)).isEqualTo("begin");
      say(client, "COMMIT");
      assertReset(client);
      lost.get(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS);
      assertThat(nextHeard()).isEqualTo("begin");
      assertThat(nextHeard()).isEqualTo("COMMIT");
      say(other, "COMMIT");
      assertThat(hear(other, 6)).isEqualTo("COMMIT");
    }
  }

  @Test
  void lostReply_isOfATextThatComesInTwoPieces() throws Exception {
    var lost = proxy.loseReplyTo("COMMIT");
    try (Socket client = connect()) {
      say(client, "COM");
      assertThat(hear(client, 3)).isEqualTo("COM");
      say(client, "MIT");
      assertReset(client);
      lost.get(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS);
    }
  }

  @Test
  void lostReply_isOfTheConnectionThatSaidAllTexts() throws Exception {
    var lost = proxy.loseReplyTo("checkout", "COMMIT");
    try (Socket client = connect();
        Socket other = connect()) {
      say(client, "insert checkout");
      assertThat(hear(client, 15)).isEqualTo("insert checkout");
      say(other, "COMMIT");
      assertThat(hear(other, 6)).isEqualTo("COMMIT");
      say(client, "COMMIT");
      assertReset(client);
      lost.get(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS);
    }
  }

  @Test
  void stalledReplies_beginWithTheOneToTheText_andReachNobody() throws Exception {
    var stalled = proxy.stallRepliesFrom("EndTxn");
    try (Socket client = connect();
        Socket other = connect()) {
      say(other, "before");
      assertThat(hear(other, 6)).isEqualTo("before");
      say(client, "EndTxn");
      stalled.get(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS);
      assertThat(nextHeard()).isEqualTo("before");
      assertThat(nextHeard()).isEqualTo("EndTxn");
      say(other, "again");
      assertThat(nextHeard()).isEqualTo("again");
      assertSilent(client);
      assertSilent(other);
      proxy.heal();
      assertThat(hear(client, 6)).isEqualTo("EndTxn");
      assertThat(hear(other, 5)).isEqualTo("again");
    }
  }

  @Test
  void strandedConnections_stayOpenAndSilent_whileNewOnesWork() throws Exception {
    try (Socket old = connect()) {
      say(old, "before");
      assertThat(hear(old, 6)).isEqualTo("before");
      proxy.strand();
      say(old, "lost");
      try (Socket fresh = connect()) {
        say(fresh, "well");
        assertThat(hear(fresh, 4)).isEqualTo("well");
      }
      assertSilent(old);
      proxy.heal();
      assertReset(old);
    }
    assertThat(heard).doesNotContain("lost");
  }

  @Test
  void client_isReset_whenThereIsNoServer() throws Exception {
    server.close();
    try (Socket client = connect()) {
      assertReset(client);
    }
  }

  @Test
  void close_freesThePortAndEndsEveryConnection() throws Exception {
    try (Socket client = connect()) {
      say(client, "x");
      assertThat(hear(client, 1)).isEqualTo("x");
      proxy.close();
      assertReset(client);
    }
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    proxy.heal();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), proxy.port());
    socket.setSoTimeout(ANSWER_LIMIT_MS);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
  }

  private static String hear(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), UTF_8);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SILENCE_MS);
    InputStream in = socket.getInputStream();
    assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(ANSWER_LIMIT_MS);
  }

  private static void assertReset(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    assertThatThrownBy(in::read)
        .isInstanceOf(SocketException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  private String nextHeard() throws InterruptedException {
    return heard.poll(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS);
  }
}
