package dev.tocsin.common.http;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import java.util.Set;

/**
 * An address to listen on. Anything but loopback is refused unless the operator has said that the
 * network around it is trusted ({@code security.allow_unauthenticated = true}), until the listener
 * authenticates its callers.
 */
public record Listen(String host, int port) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

  /**
   * Reads {@code <section>.host} and {@code <section>.<portKey>}; a refused address becomes a
   * problem of the settings.
   */
  public static Listen from(Settings settings, String section, String portKey, int port) {
    Section table = settings.section(section);
    Listen listen = new Listen(table.string("host", "127.0.0.1"), table.port(portKey, port));
    boolean trusted = settings.section("security").bool("allow_unauthenticated", false);
    if (!trusted && !LOOPBACK.contains(listen.host)) {
      table.problem(
          "host",
          listen.host,
          "a loopback address, because this listener does not authenticate yet; or"
              + " security.allow_unauthenticated = true where only trusted hosts reach it");
    }
    return listen;
  }

  @Override
  public String toString() {
    return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }
}
