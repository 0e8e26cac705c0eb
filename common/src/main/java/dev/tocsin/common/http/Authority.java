package dev.tocsin.common.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Host and port as a Host header, a request target or an origin names them (RFC 9110, 7.2).
 *
 * @param host in lower case and without the dot that may end a name; an IPv6 address in brackets
 * @param port -1 when none is named
 */
record Authority(String host, int port) {
  private static final int PORT_MAX = 65_535;
  private static final int NAME_CHARS_MAX = 253;
  private static final Pattern SHAPE =
      Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}\\]|[^\\[\\]:@/?#\\\\\\s]+)(?::(\\d{0,5}))?");
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*");
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");

  /** Empty when the text is no host with or without a port. */
  static Optional<Authority> parse(String text) {
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches()) {
      return Optional.empty();
    }
    String digits = shape.group(2);
    int port = digits == null || digits.isEmpty() ? -1 : Integer.parseInt(digits);
    String host = shape.group(1).toLowerCase(Locale.ROOT);
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return port <= PORT_MAX && usable(host)
        ? Optional.of(new Authority(host, port))
        : Optional.empty();
  }

  private static boolean usable(String host) {
    return host.startsWith("[")
        ? isIpv6(host)
        : host.length() <= NAME_CHARS_MAX && NAME.matcher(host).matches();
  }

  /** Nothing in brackets is ever looked up. */
  private static boolean isIpv6(String bracketed) {
    try {
      return bracketed.indexOf(':') > 0 && InetAddress.getByName(bracketed) != null;
    } catch (UnknownHostException noAddress) {
      return false;
    }
  }

  boolean isAddress() {
    return host.startsWith("[") || IPV4.matcher(host).matches();
  }

  /** Names that lead to this machine wherever they are used (RFC 6761, 6.3). */
  boolean isLoopbackName() {
    return host.equals("localhost") || host.endsWith(".localhost");
  }

  @Override
  public String toString() {
    return port < 0 ? host : host + ":" + port;
  }
}
