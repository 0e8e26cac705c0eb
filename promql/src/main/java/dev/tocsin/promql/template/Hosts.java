package dev.tocsin.promql.template;

/** Shortens host names. */
final class Hosts {
  private Hosts() {}

  /** The host of {@code host:port}; anything else as it is. */
  static String stripPort(String text) {
    int colon = portColon(text);
    if (colon < 0) {
      return text;
    }
    String host = text.substring(0, colon);
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The first label of a host name, port kept; addresses as they are. */
  static String stripDomain(String text) {
    int colon = portColon(text);
    String host = colon < 0 ? text : text.substring(0, colon);
    String port = colon < 0 ? "" : text.substring(colon);
    boolean address = host.indexOf(':') >= 0 || host.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    int dot = host.indexOf('.');
    return address || dot < 0 ? text : host.substring(0, dot) + port;
  }

  private static int portColon(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    if (bracketed) {
      int close = text.indexOf(']');
      return close >= 0 && close + 1 == colon ? colon : -1;
    }
    return colon >= 0 && text.indexOf(':') == colon ? colon : -1;
  }
}
