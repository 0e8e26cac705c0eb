package dev.tocsin.common.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides where requests made on somebody's behalf may go, so that a configured URL cannot be used
 * to reach the inside of the network. A host is resolved once; the caller connects to the address
 * that was checked, so a second answer of DNS cannot differ. Only https is allowed, and no address
 * that is not globally routable; hosts on the allow-list are exempt from both rules.
 */
public final class OutboundGuard {

  /** Resolves a host to all its addresses; blocking, called on a worker thread. */
  @FunctionalInterface
  public interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /** A URL that may be called, and the address to connect to. */
  public record Target(URI url, SocketAddress address) {
    /** Whether to speak TLS. */
    public boolean ssl() {
      return "https".equalsIgnoreCase(url.getScheme());
    }

    public int port() {
      return portOf(url);
    }

    /** Path and query, as they go into the request line. */
    public String requestUri() {
      String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
      return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }
  }

  /** The URL must not be called. The message does not hold its path. */
  public static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  private final Vertx vertx;
  private final Set<String> allowHosts;
  private final Resolver resolver;

  /**
   * @param allowHosts {@code host} or {@code host:port} as in URLs, such as {@code 127.0.0.1}
   */
  public OutboundGuard(Vertx vertx, List<String> allowHosts, Resolver resolver) {
    this.vertx = vertx;
    this.allowHosts =
        allowHosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    this.resolver = resolver;
  }

  /** A guard that asks the system's resolver. */
  public static OutboundGuard create(Vertx vertx, List<String> allowHosts) {
    return new OutboundGuard(vertx, allowHosts, InetAddress::getAllByName);
  }

  /** Fails with {@link RefusedException}, or with UnknownHostException when DNS has no answer. */
  public Future<Target> check(URI url) {
    Optional<String> expectation = expectation(url, allowHosts);
    if (expectation.isPresent()) {
      return refuse(shown(url) + " (expected: " + expectation.get() + ")");
    }
    String host = url.getHost();
    boolean allowed = allowed(allowHosts, url);
    String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    // The system resolver blocks, so it has a worker thread.
    return vertx
        .executeBlocking(() -> resolver.resolve(name), false)
        .compose(addresses -> choose(url, addresses, allowed));
  }

  /** All addresses must pass: a name that also points inside is a trick, not a server. */
  private static Future<Target> choose(URI url, InetAddress[] addresses, boolean allowed) {
    if (!allowed) {
      for (InetAddress address : addresses) {
        if (!globallyRoutable(address)) {
          return refuse(
              shown(url)
                  + " leads to "
                  + address.getHostAddress()
                  + " (expected: a public address, or a host listed in outbound.allow_hosts)");
        }
      }
    }
    SocketAddress address =
        SocketAddress.inetSocketAddress(portOf(url), addresses[0].getHostAddress());
    return Future.succeededFuture(new Target(url, address));
  }

  /**
   * What a URL that will be refused whatever its host resolves to should have been; without DNS, so
   * that a configuration can be checked anywhere.
   *
   * @param allowHosts as in the constructor
   */
  public static Optional<String> expectation(URI url, Collection<String> allowHosts) {
    if (url.getHost() == null || url.getUserInfo() != null) {
      return Optional.of("a URL with a host and without user:password@");
    }
    boolean allowed = allowed(allowHosts, url);
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    return "https".equals(scheme) || ("http".equals(scheme) && allowed)
        ? Optional.empty()
        : Optional.of("https, or a host listed in outbound.allow_hosts");
  }

  private static boolean allowed(Collection<String> allowHosts, URI url) {
    String host = url.getHost();
    return allowHosts.stream()
        .anyMatch(
            each -> each.equalsIgnoreCase(host) || each.equalsIgnoreCase(host + ":" + portOf(url)));
  }

  private static <T> Future<T> refuse(String message) {
    return Future.failedFuture(new RefusedException(message));
  }

  private static int portOf(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return "http".equalsIgnoreCase(url.getScheme()) ? 80 : 443;
  }

  /** The URL without path and query, where webhooks keep their secret. */
  public static String shown(URI url) {
    String port = url.getPort() >= 0 ? ":" + url.getPort() : "";
    return url.getScheme() + "://" + url.getHost() + port + "/...";
  }

  /** False for every range that is private, local, special or an embedding of IPv4 in IPv6. */
  static boolean globallyRoutable(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] octets = address.getAddress();
    int first = octets[0] & 0xff;
    int second = octets[1] & 0xff;
    if (octets.length == 4) {
      int third = octets[2] & 0xff;
      boolean special =
          first == 0
              || first == 10
              || first >= 240
              || (first == 100 && second >= 64 && second < 128)
              || (first == 172 && second >= 16 && second < 32)
              || (first == 192 && second == 168)
              || (first == 192 && second == 0 && (third == 0 || third == 2))
              || (first == 198 && (second == 18 || second == 19))
              || (first == 198 && second == 51 && third == 100)
              || (first == 203 && second == 0 && third == 113);
      return !special;
    }
    // 2000::/3 is what is routed; inside it 6to4, Teredo and documentation are not servers. NAT64
    // (64:ff9b::/96 and /48), unique local, v4-mapped and v4-compatible all lie outside.
    boolean routed = (first & 0xe0) == 0x20;
    boolean sixToFour = first == 0x20 && second == 0x02;
    boolean special =
        first == 0x20
            && second == 0x01
            && (((octets[2] & 0xff) == 0x0d && (octets[3] & 0xff) == 0xb8) // documentation
                || ((octets[2] & 0xff) < 0x02)); // 2001::/23, Teredo among it
    return routed && !sixToFour && !special;
  }
}
