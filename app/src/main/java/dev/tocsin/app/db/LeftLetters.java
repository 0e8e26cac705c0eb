package dev.tocsin.app.db;

import java.util.ArrayList;
import java.util.List;

/**
 * The letters of a partition that were looked at and left, as ranges of offsets; it is kept in the
 * metadata of the committed offset, up to which all others were replayed. Used by one thread.
 */
final class LeftLetters {
  private record Range(long first, long last) {}

  private final List<Range> ranges = new ArrayList<>();
  private boolean open;

  /**
   * @param text as {@link #toString} wrote it
   */
  static LeftLetters parse(String text) {
    LeftLetters left = new LeftLetters();
    for (String range : text.split(",")) {
      if (range.matches("\\d{1,18}(-\\d{1,18})?")) {
        String[] ends = range.split("-");
        long first = Long.parseLong(ends[0]);
        left.ranges.add(new Range(first, Long.parseLong(ends[ends.length - 1])));
      }
    }
    return left;
  }

  boolean contains(long offset) {
    return ranges.stream().anyMatch(range -> range.first <= offset && offset <= range.last);
  }

  /** The first of them, or the given offset when there are none. */
  long firstOr(long offset) {
    return ranges.isEmpty() ? offset : ranges.get(0).first;
  }

  /** Those from an offset on. */
  LeftLetters after(long offset) {
    LeftLetters rest = new LeftLetters();
    for (Range range : ranges) {
      if (range.last >= offset) {
        rest.ranges.add(new Range(Math.max(range.first, offset), range.last));
      }
    }
    return rest;
  }

  /** Adds a letter that is left; offsets come in ascending order. */
  void leave(long offset) {
    if (open) {
      Range last = ranges.remove(ranges.size() - 1);
      ranges.add(new Range(last.first, offset));
    } else {
      ranges.add(new Range(offset, offset));
    }
    open = true;
  }

  /** A letter was replayed: what is left next begins a new range. */
  void pass() {
    open = false;
  }

  @Override
  public String toString() {
    return String.join(
        ",",
        ranges.stream()
            .map(
                range ->
                    range.first == range.last ? "" + range.first : range.first + "-" + range.last)
            .toList());
  }
}
