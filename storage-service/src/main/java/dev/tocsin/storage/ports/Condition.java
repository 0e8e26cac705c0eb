package dev.tocsin.storage.ports;

import java.util.List;

/**
 * What items must be like: a tree over leaves of one kind, {@link SpanCondition} or {@link
 * LogCondition}. Of limited size: whoever builds one from input bounds it (the readers refuse more
 * than {@value #NODES_MAX} nodes).
 */
public sealed interface Condition<L extends Condition.Leaf<L>> {
  int NODES_MAX = 200;

  /** How a condition is made of parts. */
  enum Form {
    ALL,
    ANY,
    NOT,
    LEAF
  }

  Form form();

  /** None of a leaf. */
  List<Condition<L>> parts();

  /** Itself, as what it asks for; of leaves only. */
  default L leaf() {
    throw new IllegalStateException(form() + " is no leaf");
  }

  /** Every item. */
  static <L extends Leaf<L>> Condition<L> anything() {
    return new All<>(List.of());
  }

  /** Nodes of the tree. */
  default int nodes() {
    return 1 + parts().stream().mapToInt(Condition::nodes).sum();
  }

  /** Every part holds; with no part, always. */
  record All<L extends Leaf<L>>(List<Condition<L>> parts) implements Condition<L> {
    public All {
      parts = List.copyOf(parts);
    }

    @Override
    public Form form() {
      return Form.ALL;
    }
  }

  /** Some part holds; with no part, never. */
  record Any<L extends Leaf<L>>(List<Condition<L>> parts) implements Condition<L> {
    public Any {
      parts = List.copyOf(parts);
    }

    @Override
    public Form form() {
      return Form.ANY;
    }
  }

  record Not<L extends Leaf<L>>(Condition<L> part) implements Condition<L> {
    @Override
    public Form form() {
      return Form.NOT;
    }

    @Override
    public List<Condition<L>> parts() {
      return List.of(part);
    }
  }

  /** What is asked of an item itself. */
  non-sealed interface Leaf<L extends Leaf<L>> extends Condition<L> {
    @Override
    L leaf();

    @Override
    default Form form() {
      return Form.LEAF;
    }

    @Override
    default List<Condition<L>> parts() {
      return List.of();
    }
  }
}
