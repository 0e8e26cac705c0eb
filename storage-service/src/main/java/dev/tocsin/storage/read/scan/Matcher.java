package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.SpanCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A condition made ready: conditions on the index columns of segments, and stages of a test of
 * rows. What is cheap to look at is in an early stage; what a later one looks at is fetched only of
 * segments that passed those before. Immutable.
 */
public final class Matcher<L extends Condition.Leaf<L>, S extends Segment> {
  private final Conditions<L, S> conditions;
  private final Condition<L> condition;
  private final List<Stage<S>> stages;

  /** A part of the test, and what it looks at. */
  public record Stage<S extends Segment>(Need need, RowFilter<S> filter) {
    Stage<S> and(Stage<S> other) {
      return new Stage<>(need.and(other.need), RowFilter.all(List.of(filter, other.filter)));
    }
  }

  /**
   * @throws QueryLimitException when the condition is too large
   */
  public static Matcher<SpanCondition, SpanSegment> ofSpans(Condition<SpanCondition> condition) {
    requireSize(condition.nodes());
    return new Matcher<>(new SpanConditions(), condition);
  }

  /**
   * @throws QueryLimitException when the condition is too large
   */
  public static Matcher<LogCondition, LogSegment> ofLogs(Condition<LogCondition> condition) {
    requireSize(condition.nodes());
    return new Matcher<>(new LogConditions(), condition);
  }

  private static void requireSize(int nodes) {
    if (nodes > Condition.NODES_MAX) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "a condition of " + nodes + " parts (expected: at most " + Condition.NODES_MAX + ")");
    }
  }

  private Matcher(Conditions<L, S> conditions, Condition<L> condition) {
    this.conditions = conditions;
    this.condition = condition;
    Map<Integer, Stage<S>> byCost = new TreeMap<>();
    // Rows are told by the first stage, whatever the condition is.
    byCost.put(0, new Stage<>(Need.of(Need.Part.ROWS), RowFilter.all(List.of())));
    addStages(condition, byCost);
    this.stages = List.copyOf(byCost.values());
  }

  private void addStages(Condition<L> part, Map<Integer, Stage<S>> byCost) {
    if (part.form() == Condition.Form.ALL) {
      part.parts().forEach(each -> addStages(each, byCost));
    } else {
      Stage<S> stage = new Stage<>(needOf(part), filterOf(part));
      byCost.merge(cost(stage.need()), stage, Stage::and);
    }
  }

  private static int cost(Need need) {
    if (need.has(Need.Part.TEXTS) || need.has(Need.Part.REST)) {
      return 3;
    }
    boolean ids =
        need.has(Need.Part.TRACES) || need.has(Need.Part.ROOTS) || need.has(Need.Part.SPANS);
    return ids ? 2 : need.keys().isEmpty() ? 0 : 1;
  }

  private Need needOf(Condition<L> part) {
    return part.form() == Condition.Form.LEAF
        ? conditions.need(part.leaf())
        : part.parts().stream().map(this::needOf).reduce(Need.NONE, Need::and);
  }

  private RowFilter<S> filterOf(Condition<L> part) {
    if (part.form() == Condition.Form.LEAF) {
      return conditions.filter(part.leaf());
    }
    List<RowFilter<S>> parts = new ArrayList<>();
    part.parts().forEach(each -> parts.add(filterOf(each)));
    return switch (part.form()) {
      case ALL -> RowFilter.all(parts);
      case ANY -> RowFilter.any(parts);
      default -> RowFilter.not(parts.get(0));
    };
  }

  public List<Stage<S>> stages() {
    return stages;
  }

  /** What all stages look at. */
  public Need need() {
    return stages.stream().map(Stage::need).reduce(Need.NONE, Need::and);
  }

  /** The service that every match is of, if that is known. */
  public Optional<String> service() {
    return service(condition);
  }

  private Optional<String> service(Condition<L> part) {
    return switch (part.form()) {
      case LEAF -> conditions.service(part.leaf());
      case ALL -> part.parts().stream().map(this::service).flatMap(Optional::stream).findFirst();
      case ANY, NOT -> Optional.empty();
    };
  }

  /** Adds to a filter what every segment with a match meets. */
  public SegmentFilter addTo(SegmentFilter filter) {
    addTo(filter, condition);
    return filter;
  }

  private void addTo(SegmentFilter filter, Condition<L> part) {
    switch (part.form()) {
      case ALL -> part.parts().forEach(each -> addTo(filter, each));
      case ANY -> add(filter, anyOf(part));
      case LEAF -> {
        conditions.addTo(filter, part.leaf());
        add(filter, conditions.entries(part.leaf()));
      }
      case NOT -> {}
    }
  }

  private static void add(SegmentFilter filter, Entries entries) {
    if (!entries.isUnknown()) {
      filter.any(entries);
    }
  }

  private Entries anyOf(Condition<L> any) {
    return Entries.anyOf(any.parts().stream().map(this::entries).toList());
  }

  /** Of a condition, entries of which a segment with a match has one: those of one part suffice. */
  private Entries entries(Condition<L> part) {
    return switch (part.form()) {
      case LEAF -> conditions.entries(part.leaf());
      case ANY -> anyOf(part);
      case ALL ->
          part.parts().stream()
              .map(this::entries)
              .filter(entries -> !entries.isUnknown())
              .findFirst()
              .orElse(Entries.UNKNOWN);
      case NOT -> Entries.UNKNOWN;
    };
  }
}
