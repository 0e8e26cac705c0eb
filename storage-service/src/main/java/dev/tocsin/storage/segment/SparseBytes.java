package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;

/** Bytes that only some rows have: row distance, length, bytes. */
final class SparseBytes {
  private SparseBytes() {}

  static Map<Integer, ByteString> read(ColumnReader in, int count) {
    Map<Integer, ByteString> rows = new HashMap<>();
    long row = -1;
    while (in.hasMore()) {
      row += in.unsigned();
      if (row < 0 || row >= count) {
        throw new SegmentFormatException("row " + row + " (expected: below " + count + ")");
      }
      rows.put((int) row, in.bytes());
    }
    return rows;
  }
}
