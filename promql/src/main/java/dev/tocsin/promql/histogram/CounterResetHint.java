package dev.tocsin.promql.histogram;

/** What is known about a counter reset between a histogram and the one before it. */
public enum CounterResetHint {
  UNKNOWN,
  RESET,
  NOT_RESET,
  GAUGE
}
