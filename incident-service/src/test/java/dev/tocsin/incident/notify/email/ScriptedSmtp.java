package dev.tocsin.incident.notify.email;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** An SMTP server that accepts all but one command, which it answers as told. */
final class ScriptedSmtp implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final String greeting;
  private final String at;
  private final String reply;

  /**
   * @param at the verb to refuse, or {@code .} for the end of the data
   */
  ScriptedSmtp(String at, String reply) throws IOException {
    this("220 scripted ESMTP", at, reply);
  }

  /** One that greets with these characters, of one byte each. */
  ScriptedSmtp(String greeting) throws IOException {
    this(greeting, "", "");
  }

  private ScriptedSmtp(String greeting, String at, String reply) throws IOException {
    this.greeting = greeting;
    this.at = at;
    this.reply = reply;
    Thread thread = new Thread(this::serve, "scripted-smtp");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        talk(socket);
      } catch (IOException e) {
        // The client went away, or close() was called.
      }
    }
  }

  private void talk(Socket socket) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    OutputStream out = socket.getOutputStream();
    say(out, greeting);
    boolean data = false;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (data && !line.equals(".")) {
        continue;
      }
      String verb = line.split(" ", 2)[0];
      data = verb.equals("DATA");
      say(out, !at.isEmpty() && verb.equals(at) ? reply : data ? "354 go on" : "250 ok");
      if (verb.equals("QUIT")) {
        return;
      }
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
