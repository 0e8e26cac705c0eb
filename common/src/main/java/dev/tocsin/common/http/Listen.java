package dev.tocsin.common.http;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An address to listen on. Anything but loopback is refused unless the operator has said that the
 * network around it is trusted ({@code security.allow_unauthenticated = true}) or the listener
 * authenticates its callers.
 */
public record Listen(String host, int port, Names names) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");
  private static final String KEY = "allowed_hosts";

  /**
   * The names by which an API may be called, besides IP addresses and loopback names.
   *
   * @param key of the configuration that names more of them
   * @param hosts such as {@code tocsin.example}, {@code tocsin.example:8443}, {@code *.example}
   * @param otlp where telemetry goes instead, when an exporter has the wrong port
   */
  public record Names(String key, List<String> hosts, OtlpPorts otlp) {
    private static final Names NONE = new Names("http." + KEY, List.of(), OtlpPorts.USUAL);

    public Names {
      hosts = List.copyOf(hosts);
    }

    /** Those of {@code [http]}, which hold for every service. */
    public static Names from(Settings settings) {
      return new Names(
          NONE.key, hosts(settings.section("http"), List.of()), OtlpPorts.from(settings));
    }

    /** Reads {@code allowed_hosts} of a section. */
    public static List<String> hosts(Section section, List<String> fallback) {
      List<String> hosts = section.strings(KEY, fallback);
      for (String host : hosts) {
        if (!AllowedHosts.isHost(host)) {
          section.problem(KEY, host, "names such as tocsin.example or *.tocsin.example");
        }
      }
      return hosts;
    }

    /** These and more, which a service has a key of its own for. */
    public Names and(String otherKey, List<String> more) {
      List<String> all = new ArrayList<>(hosts);
      all.addAll(more);
      return new Names(otherKey, all, otlp);
    }
  }

  /** An address without a name of its own. */
  public Listen(String host, int port) {
    this(host, port, Names.NONE);
  }

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
    Listen listen =
        new Listen(
            table.string("host", "127.0.0.1"), table.port(portKey, port), Names.from(settings));
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
