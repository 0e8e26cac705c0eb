package dev.tocsin.app.demo;

import java.util.Locale;

/** The services of the demo shop. */
enum ShopService {
  FRONTEND("4.2.0", 8000),
  CHECKOUT("2.7.1", 8001),
  CART("1.9.3", 8002),
  PAYMENT("3.0.4", 8003),
  INVENTORY("2.1.0", 8004),
  SHIPPING("1.4.2", 8005);

  static final String NAMESPACE = "shop";

  private final String version;
  private final int port;

  ShopService(String version, int port) {
    this.version = version;
    this.port = port;
  }

  /** The resource attribute {@code service.name}. */
  String serviceName() {
    return name().toLowerCase(Locale.ROOT);
  }

  String version() {
    return version;
  }

  String instanceId() {
    return serviceName() + "-1";
  }

  String host() {
    return serviceName() + ".shop.internal";
  }

  int port() {
    return port;
  }
}
