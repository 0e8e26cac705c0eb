package dev.tocsin.app.conformance.probe;

import dev.tocsin.app.receiver.ReceiverAddress;

/**
 * Where a receiver listens.
 *
 * @param tls whether the connection is encrypted
 */
public record ServerAddress(boolean tls, String host, int port) {

  /** Of a receiver; its path is not used. */
  public static ServerAddress of(ReceiverAddress address, int usualPort) {
    return new ServerAddress(address.tls(), address.host(), address.port(usualPort));
  }

  /** {@code host:port}, as in a Host header. */
  public String authority() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
