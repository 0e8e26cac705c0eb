package dev.tocsin.console.proxy;

import java.util.Locale;

/** The services behind the console. */
public enum Upstream {
  INGEST(8081),
  STORAGE(8082),
  ALERT(8083),
  INCIDENT(8084);

  private final int defaultPort;

  Upstream(int defaultPort) {
    this.defaultPort = defaultPort;
  }

  /** As it is called everywhere, such as {@code ingest-service}. */
  public String serviceName() {
    return name().toLowerCase(Locale.ROOT) + "-service";
  }

  /** The key of its address in {@code [console]}, such as {@code ingest_url}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT) + "_url";
  }

  public int defaultPort() {
    return defaultPort;
  }
}
