package dev.tocsin.app.demo;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A planned span with everything below it. It first works by itself for {@code leadNanos}, then
 * runs its steps one after the other, then works for {@code tailNanos}: its duration follows.
 *
 * @param steps children within this operation's time
 * @param followers children that begin after it has ended, such as the consumer of a message
 * @param readsBatch whether it consumes the messages sent since the last such operation, to which
 *     it is linked
 */
record Operation(
    ShopService service,
    SpanKind kind,
    String name,
    long leadNanos,
    List<Operation> steps,
    long tailNanos,
    Attributes attributes,
    Optional<Failure> failure,
    List<LogLine> logs,
    List<Measure> measures,
    List<Operation> followers,
    boolean readsBatch) {

  long durationNanos() {
    return leadNanos + steps.stream().mapToLong(Operation::durationNanos).sum() + tailNanos;
  }

  /** Until the last follower, at whatever depth, has ended. */
  long spreadNanos() {
    long spread = durationNanos();
    long begin = leadNanos;
    for (Operation step : steps) {
      spread = Math.max(spread, begin + step.spreadNanos());
      begin += step.durationNanos();
    }
    for (Operation follower : followers) {
      spread = Math.max(spread, durationNanos() + follower.spreadNanos());
    }
    return spread;
  }

  static Builder of(ShopService service, SpanKind kind, String name) {
    return new Builder(service, kind, name);
  }

  /** Collects an operation; used once. */
  static final class Builder {
    private final ShopService service;
    private final SpanKind kind;
    private final String name;
    private final AttributesBuilder attributes = Attributes.builder();
    private final List<Operation> steps = new ArrayList<>();
    private final List<LogLine> logs = new ArrayList<>();
    private final List<Measure> measures = new ArrayList<>();
    private final List<Operation> followers = new ArrayList<>();
    private long leadNanos;
    private long tailNanos;
    private Optional<Failure> failure = Optional.empty();
    private boolean readsBatch;

    private Builder(ShopService service, SpanKind kind, String name) {
      this.service = service;
      this.kind = kind;
      this.name = name;
    }

    Builder with(String key, String value) {
      attributes.put(key, value);
      return this;
    }

    Builder with(String key, long value) {
      attributes.put(key, value);
      return this;
    }

    Builder takes(long leadNanos, long tailNanos) {
      this.leadNanos = leadNanos;
      this.tailNanos = tailNanos;
      return this;
    }

    Builder step(Operation step) {
      steps.add(step);
      return this;
    }

    Builder follower(Operation follower) {
      followers.add(follower);
      return this;
    }

    Builder fails(Failure why) {
      failure = Optional.of(why);
      attributes.put("error.type", why.errorType());
      return this;
    }

    Builder log(Severity severity, String body, Attributes details) {
      logs.add(new LogLine(severity, body, details));
      return this;
    }

    Builder measure(Measure measure) {
      measures.add(measure);
      return this;
    }

    Builder readsBatch() {
      readsBatch = true;
      return this;
    }

    Operation build() {
      return new Operation(
          service,
          kind,
          name,
          leadNanos,
          List.copyOf(steps),
          tailNanos,
          attributes.build(),
          failure,
          List.copyOf(logs),
          List.copyOf(measures),
          List.copyOf(followers),
          readsBatch);
    }
  }
}
