package dev.tocsin.alert.derive;

/**
 * What the RED metrics need of one span.
 *
 * @param kind and {@code status} as OTLP numbers them; numbers it does not know are 0
 * @param seconds finite and not negative
 */
record SpanFact(String service, String name, int kind, int status, double seconds) {}
