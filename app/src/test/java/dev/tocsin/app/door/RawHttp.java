package dev.tocsin.app.door;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;

/** HTTP/1 to the byte: sends what no client library would. */
record RawHttp(int port) {
  private static final int TIMEOUT_MS = 20_000;

  /** The answer's status; 0 when the connection ended without one. */
  int status(String... lines) throws IOException {
    return status(String.join("\r\n", lines) + "\r\n\r\n");
  }

  int status(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      String line = in.readLine();
      return line == null ? 0 : Integer.parseInt(line.split(" ", -1)[1]);
    }
  }
}
