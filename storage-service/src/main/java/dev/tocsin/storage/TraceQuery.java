package dev.tocsin.storage;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Which traces are wanted: those with a span that meets all of this.
 *
 * @param service its service; empty for any
 * @param operation its name; empty for any
 * @param kind OTLP span kind
 * @param status OTLP status code
 * @param attributes key to value as text, on the span or its resource
 * @param durationMin shortest
 * @param durationMax longest
 * @param range in which the span began
 * @param limit at most so many traces, the newest
 */
public record TraceQuery(
    String service,
    String operation,
    Optional<Integer> kind,
    Optional<Integer> status,
    Map<String, String> attributes,
    Optional<Duration> durationMin,
    Optional<Duration> durationMax,
    TimeRange range,
    int limit) {}
