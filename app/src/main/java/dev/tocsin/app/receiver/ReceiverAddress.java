package dev.tocsin.app.receiver;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where an OTLP receiver is, as a person names it: every command takes the same forms.
 *
 * @param tls whether connections are encrypted
 * @param host a name or an address; IPv6 without its brackets
 * @param namedPort 0 when none was named
 * @param path before the paths of OTLP; empty, or with a slash at its beginning and none at its end
 */
public record ReceiverAddress(boolean tls, String host, int namedPort, String path) {
  /** The port of OTLP over gRPC where none is named. */
  public static final int GRPC_PORT = 4317;

  /** The port of OTLP over HTTP where none is named. */
  public static final int HTTP_PORT = 4318;

  /** For the help of a command. */
  public static final String FORMS =
      "host, host:port, http://host:port, https://host:port or [::1]:port";

  private static final int PORT_MAX = 65_535;

  /**
   * Reads any of {@link #FORMS}; a URL may have a path.
   *
   * @param argument that held the text, for the message
   * @throws IllegalArgumentException naming the argument, the text and what was expected
   */
  public static ReceiverAddress parse(String argument, String text) {
    try {
      URI uri = new URI(text.contains("://") ? text : "http://" + text).parseServerAuthority();
      @Nullable String host = uri.getHost();
      @Nullable String path = uri.getPath();
      boolean plain = uri.getUserInfo() == null && uri.getQuery() == null;
      boolean tls = "https".equalsIgnoreCase(uri.getScheme());
      int port = uri.getPort();
      boolean portFits = port < 0 ? !text.endsWith(":") : port >= 1 && port <= PORT_MAX;
      if (host != null && plain && portFits && (tls || "http".equalsIgnoreCase(uri.getScheme()))) {
        return new ReceiverAddress(
            tls,
            host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
            Math.max(port, 0),
            path == null ? "" : path.replaceAll("/+$", ""));
      }
    } catch (URISyntaxException e) {
      // Told below: what Java says of it helps nobody.
    }
    throw new IllegalArgumentException(argument + ": " + text + " (expected: " + FORMS + ")");
  }

  /** The port that was named, or the given one. */
  public int port(int usual) {
    return namedPort == 0 ? usual : namedPort;
  }

  /** The address as a URL with a port. */
  public String url(int usualPort) {
    String bracketed = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return (tls ? "https://" : "http://") + bracketed + ":" + port(usualPort) + path;
  }
}
