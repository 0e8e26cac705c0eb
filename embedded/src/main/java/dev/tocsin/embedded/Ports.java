package dev.tocsin.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of the loopback address. */
final class Ports {
  static final String HOST = "127.0.0.1";

  // Below the usual ephemeral ranges: a client that keeps reconnecting to a stopped server on an
  // ephemeral port can be given that very port as its own and so connect to itself.
  private static final int FREE_FIRST = 16_384;
  private static final int FREE_LAST = 32_000;
  private static final int ATTEMPTS = 200;

  private Ports() {}

  /** A port that is free now, outside the ephemeral range. */
  static int free() {
    return freeExcept(0);
  }

  /** A free port other than one that is spoken for. */
  static int freeExcept(int reserved) {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(FREE_FIRST, FREE_LAST);
      if (port != reserved && isFree(port)) {
        return port;
      }
    }
    throw new EmbeddedException(
        "no free port on %s after %d attempts between %d and %d"
            .formatted(HOST, ATTEMPTS, FREE_FIRST, FREE_LAST));
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(loopback(), port), 1);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(HOST, new byte[] {127, 0, 0, 1});
  }

  /** Fails unless the port can be bound now. */
  static void requireFree(String option, int port) {
    if (!isFree(port)) {
      throw taken(option, port);
    }
  }

  static EmbeddedException taken(String option, int port) {
    return new EmbeddedException(
        "%s: %d (already in use on %s; expected: a free port; stop the other program or choose another port)"
            .formatted(option, port, HOST));
  }

  static void requireValid(String option, int port) {
    if (port < 0 || port > 65_535) {
      throw new EmbeddedException(
          "%s: %d (expected: 1-65535, or 0 for any free port)".formatted(option, port));
    }
  }
}
