package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;

/** What is asked of a log record. */
public sealed interface LogCondition extends Condition.Leaf<LogCondition> {
  @Override
  default LogCondition leaf() {
    return this;
  }

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
}
