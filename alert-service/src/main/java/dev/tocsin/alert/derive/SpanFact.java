package dev.tocsin.alert.derive;

/**
 * What the RED metrics need of one span.
 *
 * @param kind and {@code status} as OTLP numbers them
 */
record SpanFact(String service, String name, int kind, int status, double seconds) {}
