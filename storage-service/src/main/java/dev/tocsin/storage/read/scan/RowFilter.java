package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Segment;
import dev.tocsin.storage.query.Budget;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/** A condition on the rows of a segment. Stateless. */
public interface RowFilter<S extends Segment> {
  int TESTS_PER_CHECK = 256;

  /** Keeps the rows that meet it. */
  void retain(S segment, BitSet rows, Budget budget);

  static <S extends Segment> RowFilter<S> all(List<RowFilter<S>> parts) {
    return (segment, rows, budget) -> {
      for (RowFilter<S> part : parts) {
        if (!rows.isEmpty()) {
          part.retain(segment, rows, budget);
        }
      }
    };
  }

  static <S extends Segment> RowFilter<S> any(List<RowFilter<S>> parts) {
    return (segment, rows, budget) -> {
      BitSet left = (BitSet) rows.clone();
      for (RowFilter<S> part : parts) {
        if (!left.isEmpty()) {
          BitSet passed = (BitSet) left.clone();
          part.retain(segment, passed, budget);
          left.andNot(passed);
        }
      }
      rows.andNot(left);
    };
  }

  static <S extends Segment> RowFilter<S> not(RowFilter<S> part) {
    return (segment, rows, budget) -> {
      BitSet passed = (BitSet) rows.clone();
      part.retain(segment, passed, budget);
      rows.andNot(passed);
    };
  }

  /** A test of one row after the other. */
  static <S extends Segment> RowFilter<S> rows(RowTest<S> test) {
    return (segment, rows, budget) -> {
      for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
        if (row % TESTS_PER_CHECK == 0) {
          budget.check();
        }
        if (!test.passes(segment, row)) {
          rows.clear(row);
        }
      }
    };
  }

  /** Passes or refuses a row. */
  interface RowTest<S extends Segment> {
    boolean passes(S segment, int row);
  }

  /** The same test, which ends when the query has no more time. Used by one thread. */
  static <T> Predicate<T> checked(Predicate<T> test, Budget budget) {
    int[] tests = {0};
    return value -> {
      if (++tests[0] % TESTS_PER_CHECK == 0) {
        budget.check();
      }
      return test.test(value);
    };
  }
}
