package dev.tocsin.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * Where a node stands in the query text: UTF-16 offsets, start inclusive, end exclusive. A position
 * is a note on the tree, not part of it: any two are equal, so that trees compare by structure.
 */
public final class SourceRange {
  /** The range of a node that was not parsed from text. */
  public static final SourceRange NONE = new SourceRange(0, 0);

  private final int start;
  private final int end;

  public SourceRange(int start, int end) {
    this.start = start;
    this.end = end;
  }

  public int start() {
    return start;
  }

  public int end() {
    return end;
  }

  public SourceRange to(SourceRange last) {
    return new SourceRange(start, last.end);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SourceRange;
  }

  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return start + ".." + end;
  }
}
