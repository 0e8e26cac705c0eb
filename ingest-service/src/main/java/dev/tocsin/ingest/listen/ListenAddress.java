package dev.tocsin.ingest.listen;

import dev.tocsin.common.http.Listen;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where to listen: a TCP port or a Unix socket. Unix sockets are never encrypted. */
public record ListenAddress(String name, @Nullable Listen listen, @Nullable Path socket) {

  /**
   * @param name unique, for logs
   */
  public static ListenAddress port(String name, Listen listen) {
    return new ListenAddress(name, listen, null);
  }

  /**
   * @param name unique, for logs
   */
  public static ListenAddress socket(String name, Path path) {
    return new ListenAddress(name, null, path);
  }

  /** Whether others than the programs of this machine may reach it. */
  boolean isPort() {
    return listen != null;
  }

  /** What Vert.x is to listen on. */
  public SocketAddress address() {
    if (listen == null) {
      return SocketAddress.domainSocketAddress("" + socket);
    }
    // One free port for all instances; with 0 each would get a port of its own.
    return listen.port() == 0
        ? SocketAddress.sharedRandomPort(1 + (name.hashCode() & 0xffff), listen.host())
        : SocketAddress.inetSocketAddress(listen.port(), listen.host());
  }

  /**
   * Removes the socket that a killed process has left behind; blocks.
   *
   * @throws IOException when something else is there, or somebody listens
   */
  public void clear() throws IOException {
    Path path = socket;
    if (path == null || !Files.exists(path)) {
      return;
    }
    if (Files.isRegularFile(path) || Files.isDirectory(path)) {
      throw new IOException(path + " is no socket");
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      throw new IOException(path + " is in use");
    } catch (ConnectException nobodyListens) {
      Files.delete(path);
    }
  }

  @Override
  public String toString() {
    return listen == null ? "unix:" + socket : listen.toString();
  }
}
