package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.Condition;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import java.util.Optional;

/** What leaves of a kind mean for a kind of segments. Stateless. */
public interface Conditions<L extends Condition.Leaf<L>, S extends Segment> {

  /** What a leaf looks at. */
  Need need(L leaf);

  RowFilter<S> filter(L leaf);

  /** The service that every match is of. */
  Optional<String> service(L leaf);

  /** What a segment with a match of the leaf has one of. */
  Entries entries(L leaf);

  /** Adds what else the index knows of segments with a match of the leaf. */
  default void addTo(SegmentFilter filter, L leaf) {}

  /** Attributes of items, resources and scopes; there are no others. */
  static <S extends Segment> RowFilter<S> attribute(AttributeTest test) {
    RowFilter<S> resource =
        (segment, rows, budget) -> segment.retainResource(pairs -> passes(test, pairs), rows);
    RowFilter<S> scope =
        (segment, rows, budget) -> segment.retainScope(pairs -> passes(test, pairs), rows);
    RowFilter<S> item =
        (segment, rows, budget) ->
            segment.retainAttribute(
                test.key(),
                test.equalsText() ? test.value().asText() : null,
                RowFilter.checked(test::test, budget),
                rows);
    return switch (test.scope()) {
      case ITEM -> item;
      case RESOURCE -> resource;
      case SCOPE -> scope;
      case ITEM_OR_RESOURCE -> RowFilter.any(List.of(resource, item));
      case ANY -> RowFilter.any(List.of(resource, scope, item));
      case EVENT, LINK, BODY -> (segment, rows, budget) -> rows.clear();
    };
  }

  static boolean passes(AttributeTest test, List<KeyValue> pairs) {
    for (KeyValue pair : pairs) {
      if (pair.getKey().equals(test.key()) && test.test(pair.getValue())) {
        return true;
      }
    }
    return false;
  }

  /** What {@link #attribute} looks at. */
  static Need need(AttributeTest test) {
    Need ofItem = Need.ofKey(test.key());
    return switch (test.scope()) {
      case ITEM -> ofItem;
      case RESOURCE -> Need.of(Need.Part.RESOURCES);
      case SCOPE -> Need.of(Need.Part.SCOPES);
      case ITEM_OR_RESOURCE -> ofItem.and(Need.of(Need.Part.RESOURCES));
      case ANY -> ofItem.and(Need.of(Need.Part.RESOURCES, Need.Part.SCOPES));
      case EVENT, LINK, BODY -> Need.NONE;
    };
  }
}
