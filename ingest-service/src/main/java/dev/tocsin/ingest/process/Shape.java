package dev.tocsin.ingest.process;

import dev.tocsin.otlp.wire.Signal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of OTLP's messages lead to attributes and to entries (spans, metrics, log records).
 * Field numbers are those of opentelemetry-proto 1.11.
 */
final class Shape {
  /** A KeyValue. */
  static final Shape ATTRIBUTE = new Shape(Map.of());

  private static final Shape SCOPE = new Shape(Map.of(3, ATTRIBUTE));
  private static final Shape RESOURCE = new Shape(Map.of(1, ATTRIBUTE));
  private static final Shape EVENT = new Shape(Map.of(3, ATTRIBUTE));
  private static final Shape LINK = new Shape(Map.of(4, ATTRIBUTE));
  private static final Shape EXEMPLAR = new Shape(Map.of(7, ATTRIBUTE));

  private static final Shape SPAN = new Shape(Map.of(9, ATTRIBUTE, 11, EVENT, 13, LINK));
  private static final Shape LOG_RECORD = new Shape(Map.of(6, ATTRIBUTE));

  private static final Shape NUMBERS = points(new Shape(Map.of(7, ATTRIBUTE, 5, EXEMPLAR)));
  private static final Shape HISTOGRAM = points(new Shape(Map.of(9, ATTRIBUTE, 8, EXEMPLAR)));
  private static final Shape EXPONENTIAL = points(new Shape(Map.of(1, ATTRIBUTE, 11, EXEMPLAR)));
  private static final Shape SUMMARY = points(new Shape(Map.of(7, ATTRIBUTE)));
  private static final Shape METRIC =
      new Shape(
          Map.of(
              5, NUMBERS, 7, NUMBERS, 9, HISTOGRAM, 10, EXPONENTIAL, 11, SUMMARY, 12, ATTRIBUTE));

  private static final Shape TRACES = request(SPAN);
  private static final Shape METRICS = request(METRIC);
  private static final Shape LOGS = request(LOG_RECORD);

  private final @Nullable Shape[] children;

  private Shape(Map<Integer, Shape> fields) {
    int max = fields.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    children = new Shape[max + 1];
    fields.forEach((field, shape) -> children[field] = shape);
  }

  private static Shape points(Shape point) {
    return new Shape(Map.of(1, point));
  }

  private static Shape request(Shape entry) {
    Shape scopeItems = new Shape(Map.of(1, SCOPE, 2, entry));
    return new Shape(Map.of(1, new Shape(Map.of(1, RESOURCE, 2, scopeItems))));
  }

  /** Of an export request; null for a signal whose requests are never looked into. */
  static @Nullable Shape ofRequest(Signal signal) {
    return switch (signal) {
      case TRACES -> TRACES;
      case METRICS -> METRICS;
      case LOGS -> LOGS;
      case PROFILES -> null;
    };
  }

  /** The shape of a field's messages; null when nothing of interest lies there. */
  @Nullable Shape child(int field) {
    return field < children.length ? children[field] : null;
  }

  boolean isEntry() {
    return this == SPAN || this == METRIC || this == LOG_RECORD;
  }

  /** Whether the message has data points in field 1. */
  boolean holdsPoints() {
    return this == NUMBERS || this == HISTOGRAM || this == EXPONENTIAL || this == SUMMARY;
  }

  /** ResourceSpans, ResourceMetrics or ResourceLogs. */
  boolean isResourceItems() {
    return children.length == 3 && children[1] == RESOURCE;
  }
}
