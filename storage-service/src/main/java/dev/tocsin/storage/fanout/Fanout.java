package dev.tocsin.storage.fanout;

import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TraceReader;
import java.util.Map;

/**
 * Readers that answer from several databases as from one. Each is given the readers of single
 * databases, by the name that errors give a database, in the order in which equal items stand. An
 * answer is whole or an error that names the database. One query's limits of time, bytes and memory
 * hold for all databases together.
 */
public final class Fanout {
  private Fanout() {}

  /** A trace may have spans in several databases. */
  public static TraceReader traces(Map<String, TraceReader> readers) {
    return new FanoutTraceReader(readers);
  }

  public static LogReader logs(Map<String, LogReader> readers) {
    return new FanoutLogReader(readers);
  }

  public static AttributeReader attributes(Map<String, AttributeReader> readers) {
    return new FanoutAttributeReader(readers);
  }

  /**
   * @param evaluating evaluates queries over the series of all databases
   */
  public static MetricReader metrics(MetricReader evaluating, Map<String, MetricReader> readers) {
    return new FanoutMetricReader(evaluating, readers);
  }

  public static ServiceReader services(Map<String, ServiceReader> readers) {
    return new FanoutServiceReader(readers);
  }
}
