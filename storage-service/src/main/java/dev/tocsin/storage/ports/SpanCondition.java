package dev.tocsin.storage.ports;

import java.util.List;

/**
 * What a span must be like. A tree of limited size: whoever builds one from input bounds it (the
 * readers refuse more than {@value #NODES_MAX} nodes).
 */
public sealed interface SpanCondition {
  int NODES_MAX = 200;

  /** Every part holds; with no part, always. */
  record All(List<SpanCondition> parts) implements SpanCondition {
    public All {
      parts = List.copyOf(parts);
    }
  }

  /** Some part holds; with no part, never. */
  record Any(List<SpanCondition> parts) implements SpanCondition {
    public Any {
      parts = List.copyOf(parts);
    }
  }

  record Not(SpanCondition part) implements SpanCondition {}

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

  static SpanCondition any() {
    return new All(List.of());
  }

  /** Nodes of the tree. */
  default int nodes() {
    if (this instanceof All all) {
      return 1 + all.parts().stream().mapToInt(SpanCondition::nodes).sum();
    }
    if (this instanceof Any any) {
      return 1 + any.parts().stream().mapToInt(SpanCondition::nodes).sum();
    }
    return this instanceof Not not ? 1 + not.part().nodes() : 1;
  }
}
