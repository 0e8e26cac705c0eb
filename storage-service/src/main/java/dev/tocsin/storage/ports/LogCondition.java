package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import java.util.List;

/** What a log record must be like; a tree of limited size as {@link SpanCondition}. */
public sealed interface LogCondition {

  /** Every part holds; with no part, always. */
  record All(List<LogCondition> parts) implements LogCondition {
    public All {
      parts = List.copyOf(parts);
    }
  }

  /** Some part holds; with no part, never. */
  record Any(List<LogCondition> parts) implements LogCondition {
    public Any {
      parts = List.copyOf(parts);
    }
  }

  record Not(LogCondition part) implements LogCondition {}

  /** {@code service.name} of its resource. */
  record Service(String name) implements LogCondition {}

  /** Severity numbers, both inclusive; 0 is a record without one. */
  record Severity(int min, int max) implements LogCondition {}

  record Trace(ByteString traceId) implements LogCondition {}

  record Span(ByteString spanId) implements LogCondition {}

  /** The text stands in the body, in any case, with no letter or digit touching its ends. */
  record Phrase(String text) implements LogCondition {}

  /** The text stands anywhere in the body, in this case. */
  record Contains(String text) implements LogCondition {}

  /** A part of the body matches. */
  record Matches(TextPattern pattern) implements LogCondition {}

  /** Some attribute passes. */
  record Attribute(AttributeTest test) implements LogCondition {}

  static LogCondition any() {
    return new All(List.of());
  }

  /** Nodes of the tree. */
  default int nodes() {
    if (this instanceof All all) {
      return 1 + all.parts().stream().mapToInt(LogCondition::nodes).sum();
    }
    if (this instanceof Any any) {
      return 1 + any.parts().stream().mapToInt(LogCondition::nodes).sum();
    }
    return this instanceof Not not ? 1 + not.part().nodes() : 1;
  }
}
