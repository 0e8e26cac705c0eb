package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.span.SpanSegment;
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
public final class Matcher<C, S extends Segment> {
  private final Conditions<C, S> conditions;
  private final C condition;
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
  public static Matcher<SpanCondition, SpanSegment> of(SpanCondition condition) {
    requireSize(condition.nodes());
    return new Matcher<>(new SpanConditions(), condition);
  }

  /**
   * @throws QueryLimitException when the condition is too large
   */
  public static Matcher<LogCondition, LogSegment> of(LogCondition condition) {
    requireSize(condition.nodes());
    return new Matcher<>(new LogConditions(), condition);
  }

  private static void requireSize(int nodes) {
    if (nodes > SpanCondition.NODES_MAX) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "a condition of " + nodes + " parts (expected: at most " + SpanCondition.NODES_MAX + ")");
    }
  }

  private Matcher(Conditions<C, S> conditions, C condition) {
    this.conditions = conditions;
    this.condition = condition;
    Map<Integer, Stage<S>> byCost = new TreeMap<>();
    // Rows are told by the first stage, whatever the condition is.
    byCost.put(0, new Stage<>(Need.of(Need.Part.ROWS), RowFilter.all(List.of())));
    addStages(condition, byCost);
    this.stages = List.copyOf(byCost.values());
  }

  private void addStages(C part, Map<Integer, Stage<S>> byCost) {
    if (conditions.kind(part) == Conditions.Kind.ALL) {
      conditions.parts(part).forEach(each -> addStages(each, byCost));
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

  private Need needOf(C part) {
    return conditions.kind(part) == Conditions.Kind.LEAF
        ? conditions.need(part)
        : conditions.parts(part).stream().map(this::needOf).reduce(Need.NONE, Need::and);
  }

  private RowFilter<S> filterOf(C part) {
    if (conditions.kind(part) == Conditions.Kind.LEAF) {
      return conditions.filter(part);
    }
    List<RowFilter<S>> parts = new ArrayList<>();
    conditions.parts(part).forEach(each -> parts.add(filterOf(each)));
    return switch (conditions.kind(part)) {
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

  private Optional<String> service(C part) {
    return switch (conditions.kind(part)) {
      case LEAF -> conditions.service(part);
      case ALL ->
          conditions.parts(part).stream().map(this::service).flatMap(Optional::stream).findFirst();
      case ANY, NOT -> Optional.empty();
    };
  }

  /** Adds to a filter what every segment with a match meets. */
  public SegmentFilter addTo(SegmentFilter filter) {
    addTo(filter, condition);
    return filter;
  }

  private void addTo(SegmentFilter filter, C part) {
    switch (conditions.kind(part)) {
      case ALL -> conditions.parts(part).forEach(each -> addTo(filter, each));
      case ANY -> add(filter, anyOf(part));
      case LEAF -> {
        conditions.addTo(filter, part);
        add(filter, conditions.entries(part));
      }
      case NOT -> {}
    }
  }

  private static void add(SegmentFilter filter, Entries entries) {
    if (!entries.isUnknown()) {
      filter.any(entries);
    }
  }

  private Entries anyOf(C any) {
    return Entries.anyOf(conditions.parts(any).stream().map(this::entries).toList());
  }

  /** Of a condition, entries of which a segment with a match has one: those of one part suffice. */
  private Entries entries(C part) {
    return switch (conditions.kind(part)) {
      case LEAF -> conditions.entries(part);
      case ANY -> anyOf(part);
      case ALL ->
          conditions.parts(part).stream()
              .map(this::entries)
              .filter(entries -> !entries.isUnknown())
              .findFirst()
              .orElse(Entries.UNKNOWN);
      case NOT -> Entries.UNKNOWN;
    };
  }
}
