package dev.tocsin.segment.column;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that only some rows have: section {@code rows} has the distances of these rows, {@code
 * rest} length and bytes of each. The bytes are inflated when a row that has some asks. Not
 * thread-safe.
 */
public final class SparseBytes {
  private final Sections.Reader sections;
  private final int[] rows;
  private ByteString @Nullable [] values;

  public SparseBytes(Sections.Reader sections, int count) {
    this.sections = sections;
    ColumnReader in = sections.section("rows");
    int[] found = new int[16];
    int size = 0;
    long row = -1;
    while (in.hasMore()) {
      row += in.count(count);
      if (row < 0 || row >= count) {
        throw new SegmentFormatException("row " + row + " (expected: below " + count + ")");
      }
      found = size == found.length ? Arrays.copyOf(found, size * 2) : found;
      found[size++] = (int) row;
    }
    rows = Arrays.copyOf(found, size);
  }

  /** The bytes of a row, null when it has none. */
  public @Nullable ByteString get(int row) {
    int place = Arrays.binarySearch(rows, row);
    return place < 0 ? null : values()[place];
  }

  private ByteString[] values() {
    ByteString[] known = values;
    if (known == null) {
      ColumnReader in = sections.section("rest");
      known = new ByteString[rows.length];
      for (int i = 0; i < known.length; i++) {
        known[i] = in.bytes();
      }
      values = known;
    }
    return known;
  }
}
