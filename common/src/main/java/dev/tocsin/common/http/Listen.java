package dev.tocsin.common.http;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import java.util.Set;

/**
 * An address to listen on. Anything but loopback is refused unless the operator has said that the
 * network around it is trusted ({@code security.allow_unauthenticated = true}) or the listener
 * authenticates its callers.
 */
public record Listen(String host, int port) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

  /**
   * Reads {@code <section>.host} and {@code <section>.<portKey>}; a refused address becomes a
   * problem of the settings.
   */
  public static Listen from(Settings settings, String section, String portKey, int port) {
    return from(settings, section, portKey, port, false);
  }

  /**
   * As the other, for a listener that may know its callers.
   *
   * @param authenticates whether only callers who prove who they are get anywhere
   */
  public static Listen from(
      Settings settings, String section, String portKey, int port, boolean authenticates) {
    Section table = settings.section(section);
    Listen listen = new Listen(table.string("host", "127.0.0.1"), table.port(portKey, port));
    listen.requireTrust(settings, section, "host", authenticates);
    return listen;
  }

  /** Notes a problem when anybody could reach this address and nobody is asked who he is. */
  public void requireTrust(
      Settings settings, String section, String hostKey, boolean authenticates) {
    boolean trusted = settings.section("security").bool("allow_unauthenticated", false);
    if (!trusted && !authenticates && !LOOPBACK.contains(host)) {
      settings
          .section(section)
          .problem(
              hostKey,
              host,
              "a loopback address, because this listener does not authenticate; or"
                  + " security.allow_unauthenticated = true where only trusted hosts reach it");
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }
}
