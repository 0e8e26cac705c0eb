package dev.tocsin.incident.notify.email;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * An SMTP server that behaves well but for one stage, where it says the same without an end, or
 * nothing at all, and counts how much of it was taken before its client hung up.
 */
final class HostileSmtp implements AutoCloseable {
  /** The stage before the first command. */
  static final String GREETING = "greeting";

  /** No stage: a server that only behaves well. */
  static final String NOWHERE = "nowhere";

  /** No stage either: it offers TLS, and has none when it is asked. */
  static final String REFUSES_TLS = "refuses TLS";

  /** What it says at most, so that a client that takes it all shows as that and dies not of it. */
  private static final long BYTES_MAX = 48 << 20;

  private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final String at;
  private final byte[] saying;
  private final Optional<SSLContext> tls;
  private final CompletableFuture<Long> taken = new CompletableFuture<>();

  /**
   * @param at a verb, after "TLS " when it is meant within TLS; {@code .} for the end of the data
   * @param saying again and again; nothing for silence
   * @param tls offered by STARTTLS when there
   */
  HostileSmtp(String at, String saying, Optional<SSLContext> tls) throws IOException {
    this.at = at;
    this.saying = saying.repeat(8_192).getBytes(ISO_8859_1);
    this.tls = tls;
    Thread thread = new Thread(this::serve, "hostile-smtp");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  /** Completes with the bytes said at the stage when the client has hung up. */
  CompletableFuture<Long> taken() {
    return taken;
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        talk(socket, "");
      } catch (IOException e) {
        // The client went away, or close() was called.
      }
    }
  }

  private void talk(Socket socket, String prefix) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    OutputStream out = socket.getOutputStream();
    if (prefix.isEmpty()) {
      answer(out, in, GREETING, "220 hostile ESMTP");
    }
    boolean data = false;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (data && !line.equals(".")) {
        continue;
      }
      String verb = line.split(" ", 2)[0];
      data = verb.equals("DATA");
      answer(out, in, prefix + verb, reply(verb, prefix.isEmpty()));
      if (verb.equals("STARTTLS") && !at.equals(REFUSES_TLS)) {
        talk(secured(socket), "TLS ");
        return;
      }
    }
  }

  private String reply(String verb, boolean plain) {
    return switch (verb) {
      case "EHLO" ->
          "250-hostile\r\n"
              + (plain && tls.isPresent() ? "250-STARTTLS\r\n" : "")
              + "250 AUTH PLAIN";
      case "STARTTLS" -> at.equals(REFUSES_TLS) ? "454 TLS not available" : "220 go on";
      case "AUTH" -> "235 welcome";
      case "DATA" -> "354 go on";
      case "QUIT" -> "221 bye";
      default -> "250 ok";
    };
  }

  private SSLSocket secured(Socket socket) throws IOException {
    SSLSocket secured =
        (SSLSocket)
            tls.orElseThrow()
                .getSocketFactory()
                .createSocket(socket, "client", socket.getPort(), false);
    secured.setUseClientMode(false);
    secured.startHandshake();
    return secured;
  }

  private void answer(OutputStream out, BufferedReader in, String stage, String reply)
      throws IOException {
    if (!stage.equals(at)) {
      out.write((reply + "\r\n").getBytes(ISO_8859_1));
      out.flush();
      return;
    }
    long said = 0;
    try {
      if (saying.length == 0) {
        // Until it hangs up.
        in.lines().forEach(line -> {});
      }
      while (saying.length > 0 && said < BYTES_MAX) {
        out.write(saying);
        said += saying.length;
      }
    } finally {
      taken.complete(said);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
