package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.index.Tokens;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.SpanCondition;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Conditions on spans. */
final class SpanConditions implements Conditions<SpanCondition, SpanSegment> {

  @Override
  public Optional<String> service(SpanCondition leaf) {
    return leaf instanceof SpanCondition.Service service
        ? Optional.of(service.name())
        : Optional.empty();
  }

  @Override
  public Entries entries(SpanCondition leaf) {
    if (leaf instanceof SpanCondition.Service service) {
      return Entries.of(Tokens.SERVICE, service.name());
    }
    if (leaf instanceof SpanCondition.Operation operation) {
      return Entries.of(Tokens.NAME, operation.name());
    }
    if (leaf instanceof SpanCondition.Kind kind) {
      return Entries.of(Tokens.KIND, Integer.toString(kind.kind()));
    }
    if (leaf instanceof SpanCondition.Status status) {
      return Entries.of(Tokens.STATUS, Integer.toString(status.code()));
    }
    return leaf instanceof SpanCondition.Attribute attribute
        ? SegmentFilter.entries(attribute.test())
        : Entries.UNKNOWN;
  }

  @Override
  public Need need(SpanCondition leaf) {
    if (leaf instanceof SpanCondition.Root) {
      return Need.of(Need.Part.ROOTS);
    }
    if (!(leaf instanceof SpanCondition.Attribute attribute)) {
      return Need.of(Need.Part.ROWS);
    }
    Need need = Conditions.need(attribute.test());
    return switch (attribute.test().scope()) {
      case ANY, EVENT, LINK -> need.and(Need.of(Need.Part.REST));
      default -> need;
    };
  }

  @Override
  public RowFilter<SpanSegment> filter(SpanCondition leaf) {
    if (leaf instanceof SpanCondition.Service service) {
      return RowFilter.rows((segment, row) -> segment.service(row).equals(service.name()));
    }
    if (leaf instanceof SpanCondition.Operation operation) {
      return RowFilter.rows((segment, row) -> segment.name(row).equals(operation.name()));
    }
    if (leaf instanceof SpanCondition.OperationMatches operation) {
      return RowFilter.rows((segment, row) -> operation.pattern().matches(segment.name(row)));
    }
    if (leaf instanceof SpanCondition.Kind kind) {
      return RowFilter.rows((segment, row) -> segment.kind(row) == kind.kind());
    }
    if (leaf instanceof SpanCondition.Status status) {
      return RowFilter.rows((segment, row) -> segment.status(row) == status.code());
    }
    if (leaf instanceof SpanCondition.Duration duration) {
      return RowFilter.rows(
          (segment, row) -> {
            long nanos = segment.durationNanos(row);
            return nanos >= duration.minNanos() && nanos <= duration.maxNanos();
          });
    }
    if (leaf instanceof SpanCondition.Root) {
      return RowFilter.rows(SpanSegment::isRoot);
    }
    if (leaf instanceof SpanCondition.Attribute attribute) {
      return attribute(attribute.test());
    }
    throw new IllegalArgumentException("no test for " + leaf);
  }

  private static RowFilter<SpanSegment> attribute(AttributeTest test) {
    Predicate<Span> ofEvent = span -> anyEvent(test, span);
    Predicate<Span> ofLink = span -> anyLink(test, span);
    return switch (test.scope()) {
      case EVENT -> rest(ofEvent);
      case LINK -> rest(ofLink);
      case ANY -> RowFilter.any(List.of(Conditions.attribute(test), rest(ofEvent.or(ofLink))));
      default -> Conditions.attribute(test);
    };
  }

  private static RowFilter<SpanSegment> rest(Predicate<Span> test) {
    return (segment, rows, budget) -> segment.retainRest(RowFilter.checked(test, budget), rows);
  }

  private static boolean anyEvent(AttributeTest test, Span span) {
    return span.getEventsList().stream()
        .anyMatch(event -> Conditions.passes(test, event.getAttributesList()));
  }

  private static boolean anyLink(AttributeTest test, Span span) {
    return span.getLinksList().stream()
        .anyMatch(link -> Conditions.passes(test, link.getAttributesList()));
  }
}
