package dev.tocsin.storage.ports;

/** What is asked of a span. */
public sealed interface SpanCondition extends Condition.Leaf<SpanCondition> {
  @Override
  default SpanCondition leaf() {
    return this;
  }

  /** {@code service.name} of its resource. */
  record Service(String name) implements SpanCondition {}

  /** The span's name. */
  record Operation(String name) implements SpanCondition {}

  /** The span's name matches as a whole. */
  record OperationMatches(TextPattern pattern) implements SpanCondition {}

  /** OTLP span kind, 0-5. */
  record Kind(int kind) implements SpanCondition {}

  /** OTLP status code, 0-2. */
  record Status(int code) implements SpanCondition {}

  /** Both inclusive. */
  record Duration(long minNanos, long maxNanos) implements SpanCondition {}

  /** It has no parent. */
  record Root() implements SpanCondition {}

  /** Some attribute passes. */
  record Attribute(AttributeTest test) implements SpanCondition {}
}
