package dev.tocsin.storage.postgres;

import dev.tocsin.storage.AttributeScope;
import dev.tocsin.storage.AttributeTest;
import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.SpanCondition;
import dev.tocsin.storage.segment.Tokens;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A condition made ready: a test for rows, a filter for segments and the columns both need. */
final class SpanMatcher {
  private final SpanCondition condition;
  private final SpanRows.Need need;
  private final Test test;

  /** Passes or refuses a row. */
  private interface Test {
    boolean passes(SpanRows rows, int row);
  }

  /**
   * @throws QueryLimitException when the condition is too large
   */
  SpanMatcher(SpanCondition condition) {
    if (condition.nodes() > SpanCondition.NODES_MAX) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "a condition of "
              + condition.nodes()
              + " parts (expected: at most "
              + SpanCondition.NODES_MAX
              + ")");
    }
    this.condition = condition;
    this.need = needOf(condition);
    this.test = compile(condition);
  }

  boolean matches(SpanRows rows, int row) {
    return test.passes(rows, row);
  }

  SpanRows.Need need() {
    return need;
  }

  SegmentFilter filter() {
    SegmentFilter filter = SegmentFilter.spans();
    required(condition).forEach(filter::any);
    return filter;
  }

  /** The service that every match is of, if that is known. */
  Optional<String> service() {
    return service(condition);
  }

  private static Optional<String> service(SpanCondition condition) {
    if (condition instanceof SpanCondition.Service service) {
      return Optional.of(service.name());
    }
    return condition instanceof SpanCondition.All all
        ? all.parts().stream().map(SpanMatcher::service).flatMap(Optional::stream).findFirst()
        : Optional.empty();
  }

  /** A segment with a match has one of each of these. */
  private static List<Entries> required(SpanCondition condition) {
    List<Entries> all = new ArrayList<>();
    if (condition instanceof SpanCondition.All parts) {
      parts.parts().forEach(part -> all.addAll(required(part)));
    } else if (condition instanceof SpanCondition.Any any) {
      all.add(Entries.anyOf(any.parts().stream().map(SpanMatcher::first).toList()));
    } else if (condition instanceof SpanCondition.Service service) {
      all.add(Entries.of(Tokens.SERVICE, service.name()));
    } else if (condition instanceof SpanCondition.Operation operation) {
      all.add(Entries.of(Tokens.NAME, operation.name()));
    } else if (condition instanceof SpanCondition.Kind kind) {
      all.add(Entries.of(Tokens.KIND, Integer.toString(kind.kind())));
    } else if (condition instanceof SpanCondition.Status status) {
      all.add(Entries.of(Tokens.STATUS, Integer.toString(status.code())));
    } else if (condition instanceof SpanCondition.Attribute attribute) {
      all.add(SegmentFilter.entries(attribute.test()));
    }
    all.removeIf(Entries::isUnknown);
    return all;
  }

  private static Entries first(SpanCondition condition) {
    return required(condition).stream().findFirst().orElse(Entries.UNKNOWN);
  }

  private static SpanRows.Need needOf(SpanCondition condition) {
    if (condition instanceof SpanCondition.All all) {
      return all.parts().stream()
          .map(SpanMatcher::needOf)
          .reduce(SpanRows.Need.NONE, SpanRows.Need::and);
    }
    if (condition instanceof SpanCondition.Any any) {
      return any.parts().stream()
          .map(SpanMatcher::needOf)
          .reduce(SpanRows.Need.NONE, SpanRows.Need::and);
    }
    if (condition instanceof SpanCondition.Not not) {
      return needOf(not.part());
    }
    if (condition instanceof SpanCondition.Attribute attribute) {
      return switch (attribute.test().scope()) {
        case RESOURCE -> SpanRows.Need.NONE;
        case ITEM, ITEM_OR_RESOURCE -> new SpanRows.Need(true, false);
        case ANY, SCOPE, EVENT, LINK -> SpanRows.Need.ALL;
      };
    }
    return SpanRows.Need.NONE;
  }

  private static Test compile(SpanCondition condition) {
    if (condition instanceof SpanCondition.All all) {
      Test[] parts = parts(all.parts());
      return (rows, row) -> {
        for (Test part : parts) {
          if (!part.passes(rows, row)) {
            return false;
          }
        }
        return true;
      };
    }
    if (condition instanceof SpanCondition.Any any) {
      Test[] parts = parts(any.parts());
      return (rows, row) -> {
        for (Test part : parts) {
          if (part.passes(rows, row)) {
            return true;
          }
        }
        return false;
      };
    }
    if (condition instanceof SpanCondition.Not not) {
      Test part = compile(not.part());
      return (rows, row) -> !part.passes(rows, row);
    }
    return leaf(condition);
  }

  /** Tests of what is decoded anyway come first. */
  private static Test[] parts(List<SpanCondition> parts) {
    return parts.stream()
        .sorted(Comparator.comparingInt(SpanMatcher::cost))
        .map(SpanMatcher::compile)
        .toArray(Test[]::new);
  }

  private static int cost(SpanCondition condition) {
    SpanRows.Need need = needOf(condition);
    boolean parsed =
        condition instanceof SpanCondition.Attribute attribute
            && attribute.test().scope() == AttributeScope.RESOURCE;
    return need.events() ? 3 : need.attributes() ? 2 : parsed ? 1 : 0;
  }

  private static Test leaf(SpanCondition condition) {
    if (condition instanceof SpanCondition.Service service) {
      return (rows, row) -> rows.service(row).equals(service.name());
    }
    if (condition instanceof SpanCondition.Operation operation) {
      return (rows, row) -> rows.name(row).equals(operation.name());
    }
    if (condition instanceof SpanCondition.OperationMatches operation) {
      return (rows, row) -> operation.pattern().matches(rows.name(row));
    }
    if (condition instanceof SpanCondition.Kind kind) {
      return (rows, row) -> rows.kind(row) == kind.kind();
    }
    if (condition instanceof SpanCondition.Status status) {
      return (rows, row) -> rows.status(row) == status.code();
    }
    if (condition instanceof SpanCondition.Duration duration) {
      return (rows, row) ->
          rows.durationNanos(row) >= duration.minNanos()
              && rows.durationNanos(row) <= duration.maxNanos();
    }
    if (condition instanceof SpanCondition.Root) {
      return (rows, row) -> rows.isRoot(row);
    }
    if (condition instanceof SpanCondition.Attribute attribute) {
      return attribute(attribute.test());
    }
    throw new IllegalArgumentException("no test for " + condition);
  }

  private static Test attribute(AttributeTest test) {
    Test exact = exactly(test);
    return test.equalsText()
        ? (rows, row) -> rows.mayEqual(test, row) && exact.passes(rows, row)
        : exact;
  }

  private static Test exactly(AttributeTest test) {
    return switch (test.scope()) {
      case ITEM -> (rows, row) -> any(test, rows.attributes(row));
      case RESOURCE -> (rows, row) -> any(test, rows.resourceAttributes(row));
      case SCOPE -> (rows, row) -> any(test, rows.scopeAttributes(row));
      case EVENT -> (rows, row) -> rows.eventAttributes(row).anyMatch(pair -> passes(test, pair));
      case LINK -> (rows, row) -> rows.linkAttributes(row).anyMatch(pair -> passes(test, pair));
      case ITEM_OR_RESOURCE ->
          (rows, row) -> any(test, rows.attributes(row)) || any(test, rows.resourceAttributes(row));
      case ANY ->
          (rows, row) ->
              any(test, rows.attributes(row))
                  || any(test, rows.resourceAttributes(row))
                  || any(test, rows.scopeAttributes(row))
                  || rows.eventAttributes(row).anyMatch(pair -> passes(test, pair))
                  || rows.linkAttributes(row).anyMatch(pair -> passes(test, pair));
    };
  }

  private static boolean any(AttributeTest test, List<KeyValue> attributes) {
    for (KeyValue pair : attributes) {
      if (passes(test, pair)) {
        return true;
      }
    }
    return false;
  }

  private static boolean passes(AttributeTest test, KeyValue pair) {
    return pair.getKey().equals(test.key()) && test.test(pair.getValue());
  }
}
