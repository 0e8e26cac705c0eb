package dev.tocsin.storage.read;

import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.segment.index.TextTokens;
import dev.tocsin.segment.log.SeverityText;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.read.scan.BodyField;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.stream.Stream;

/** Conditions as their javadoc has them, of items as they came: what a search is held against. */
final class NaiveSearch {
  private NaiveSearch() {}

  /** An item's surroundings. */
  record Origins(String service, List<KeyValue> resource, List<KeyValue> scope) {}

  static boolean matches(Condition<SpanCondition> condition, Origins origin, Span span) {
    if (condition instanceof Condition.All<SpanCondition> all) {
      return all.parts().stream().allMatch(part -> matches(part, origin, span));
    }
    if (condition instanceof Condition.Any<SpanCondition> any) {
      return any.parts().stream().anyMatch(part -> matches(part, origin, span));
    }
    if (condition instanceof Condition.Not<SpanCondition> not) {
      return !matches(not.part(), origin, span);
    }
    if (condition instanceof SpanCondition.Service service) {
      return origin.service().equals(service.name());
    }
    if (condition instanceof SpanCondition.Operation operation) {
      return span.getName().equals(operation.name());
    }
    if (condition instanceof SpanCondition.OperationMatches operation) {
      return operation.pattern().matches(span.getName());
    }
    if (condition instanceof SpanCondition.Kind kind) {
      return span.getKindValue() == kind.kind();
    }
    if (condition instanceof SpanCondition.Status status) {
      return span.getStatus().getCodeValue() == status.code();
    }
    if (condition instanceof SpanCondition.Duration duration) {
      long nanos = span.getEndTimeUnixNano() - span.getStartTimeUnixNano();
      return nanos >= duration.minNanos() && nanos <= duration.maxNanos();
    }
    if (condition instanceof SpanCondition.Root) {
      return span.getParentSpanId().isEmpty();
    }
    AttributeTest test = ((SpanCondition.Attribute) condition).test();
    Stream<KeyValue> onEvents =
        span.getEventsList().stream().flatMap(event -> event.getAttributesList().stream());
    Stream<KeyValue> onLinks =
        span.getLinksList().stream().flatMap(link -> link.getAttributesList().stream());
    return any(test, origin, span.getAttributesList())
        || (isWanted(test, AttributeScope.EVENT) && onEvents.anyMatch(pair -> passes(test, pair)))
        || (isWanted(test, AttributeScope.LINK) && onLinks.anyMatch(pair -> passes(test, pair)));
  }

  static boolean matches(Condition<LogCondition> condition, Origins origin, LogRecord log) {
    if (condition instanceof Condition.All<LogCondition> all) {
      return all.parts().stream().allMatch(part -> matches(part, origin, log));
    }
    if (condition instanceof Condition.Any<LogCondition> any) {
      return any.parts().stream().anyMatch(part -> matches(part, origin, log));
    }
    if (condition instanceof Condition.Not<LogCondition> not) {
      return !matches(not.part(), origin, log);
    }
    if (condition instanceof LogCondition.Service service) {
      return origin.service().equals(service.name());
    }
    if (condition instanceof LogCondition.Severity severity) {
      int number = log.getSeverityNumberValue();
      number = number == 0 ? SeverityText.number(log.getSeverityText()) : number;
      return number >= severity.min() && number <= severity.max();
    }
    if (condition instanceof LogCondition.Trace trace) {
      return log.getTraceId().equals(trace.traceId());
    }
    if (condition instanceof LogCondition.Span span) {
      return log.getSpanId().equals(span.spanId());
    }
    if (condition instanceof LogCondition.Phrase phrase) {
      return texts(log).anyMatch(text -> TextTokens.contains(text, phrase.text()));
    }
    if (condition instanceof LogCondition.Contains contains) {
      return texts(log).anyMatch(text -> text.contains(contains.text()));
    }
    if (condition instanceof LogCondition.Matches matches) {
      return texts(log).anyMatch(matches.pattern()::find);
    }
    AttributeTest test = ((LogCondition.Attribute) condition).test();
    return test.scope() == AttributeScope.BODY
        ? BodyField.passes(test, log.getBody()) && !log.getBody().hasStringValue()
        : any(test, origin, log.getAttributesList());
  }

  private static Stream<String> texts(LogRecord log) {
    return Stream.of(TextTokens.text(log.getBody()), AttributeText.of(log.getBody()));
  }

  private static boolean any(AttributeTest test, Origins origin, List<KeyValue> item) {
    return (isWanted(test, AttributeScope.ITEM) && item.stream().anyMatch(p -> passes(test, p)))
        || (isWanted(test, AttributeScope.RESOURCE)
            && origin.resource().stream().anyMatch(p -> passes(test, p)))
        || (isWanted(test, AttributeScope.SCOPE)
            && origin.scope().stream().anyMatch(p -> passes(test, p)));
  }

  private static boolean isWanted(AttributeTest test, AttributeScope scope) {
    return switch (test.scope()) {
      case ANY -> true;
      case ITEM_OR_RESOURCE -> scope == AttributeScope.ITEM || scope == AttributeScope.RESOURCE;
      default -> test.scope() == scope;
    };
  }

  private static boolean passes(AttributeTest test, KeyValue pair) {
    return pair.getKey().equals(test.key()) && test.test(pair.getValue());
  }
}
