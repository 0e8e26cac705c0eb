package dev.tocsin.testkit;

import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.testkit.fault.FaultProxy;

/**
 * A broker with two ways to it: its own bootstrap servers for the test, and those through the proxy
 * for whom the test is about. Clients stay on the way they came: the broker advertises each.
 */
public record ProxiedKafka(EmbeddedKafka kafka, FaultProxy proxy) implements AutoCloseable {

  /** For those whose connections are to suffer. */
  public String proxiedBootstrapServers() {
    return proxy.address();
  }

  /** For those who look on. */
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  @Override
  public void close() {
    kafka.close();
    proxy.close();
  }
}
