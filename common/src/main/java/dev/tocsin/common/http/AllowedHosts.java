package dev.tocsin.common.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configured names a listener may be called by, such as {@code tocsin.example}, {@code
 * tocsin.example:8443} or {@code *.tocsin.example} (any name below it). Without a port a name holds
 * for a Host with any port, and for the origins of pages at the ports that browsers do not show.
 */
final class AllowedHosts {
  private static final String ANY_BELOW = "*.";

  private record Entry(Authority authority, boolean below) {
    boolean names(String host) {
      return below ? host.endsWith("." + authority.host()) : host.equals(authority.host());
    }
  }

  private final List<Entry> entries = new ArrayList<>();

  /** Entries that are no hosts match nothing; {@link #isHost} tells them before. */
  AllowedHosts(List<String> texts) {
    texts.forEach(text -> read(text).ifPresent(entries::add));
  }

  static boolean isHost(String text) {
    return read(text).isPresent();
  }

  private static Optional<Entry> read(String text) {
    boolean below = text.startsWith(ANY_BELOW);
    return Authority.parse(below ? text.substring(ANY_BELOW.length()) : text)
        .map(authority -> new Entry(authority, below));
  }

  boolean holdsHost(Authority host) {
    return entries.stream()
        .anyMatch(
            entry ->
                entry.names(host.host())
                    && (entry.authority.port() < 0 || entry.authority.port() == host.port()));
  }

  /**
   * Loopback and addresses are nobody's own: any program of this machine may serve pages there.
   *
   * @param port as named, or else the scheme's
   */
  boolean holdsOrigin(Authority origin, int port, int schemePort) {
    return entries.stream()
        .filter(entry -> !entry.authority.isLoopbackName() && !entry.authority.isAddress())
        .anyMatch(
            entry ->
                entry.names(origin.host())
                    && port == (entry.authority.port() < 0 ? schemePort : entry.authority.port()));
  }
}
