package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trace ids (a dictionary and an index an item) and span ids (raw: they are random) as sections.
 */
final class Ids {
  private static final int SPAN_ID_BYTES = 8;
  private static final int NO_PARENT = 0;
  private static final int PARENT_ELSEWHERE = 1;

  private Ids() {}

  static void writeTraces(Sections.Writer sections, List<ByteString> traceIds) {
    Dictionary<ByteString> dictionary = new Dictionary<>();
    ColumnWriter indexes = new ColumnWriter();
    traceIds.forEach(id -> indexes.unsigned(dictionary.index(id)));
    ColumnWriter distinct = new ColumnWriter();
    distinct.unsigned(dictionary.size());
    dictionary.values().forEach(id -> distinct.unsigned(id.size()));
    dictionary.values().forEach(distinct::raw);
    sections.add("traces", distinct);
    sections.add("trace", indexes);
  }

  static ByteString[] readTraces(Sections.Reader sections, int count) {
    ColumnReader in = sections.section("traces");
    int[] lengths = new int[in.count(in.remaining())];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = in.count(in.remaining());
    }
    ByteString[] distinct = new ByteString[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      distinct[i] = in.raw(lengths[i]);
    }
    ColumnReader indexes = sections.section("trace");
    ByteString[] ids = new ByteString[count];
    for (int i = 0; i < count; i++) {
      ids[i] = distinct[indexes.index(distinct.length)];
    }
    return ids;
  }

  /** Ids of the usual length in one run, others with their length. */
  static ColumnWriter spans(List<ByteString> ids) {
    ColumnWriter out = new ColumnWriter();
    boolean usual = ids.stream().allMatch(id -> id.size() == SPAN_ID_BYTES);
    out.octet(usual ? 1 : 0);
    ids.forEach(usual ? out::raw : out::bytes);
    return out;
  }

  static ByteString[] readSpans(ColumnReader in, int count) {
    boolean usual = in.octet() == 1;
    ByteString[] ids = new ByteString[count];
    for (int i = 0; i < count; i++) {
      ids[i] = usual ? in.raw(SPAN_ID_BYTES) : in.bytes();
    }
    return ids;
  }

  /** A parent in the segment is named by its distance in rows, any other by its id. */
  static ColumnWriter parents(List<ByteString> spanIds, List<ByteString> parentIds) {
    Map<ByteString, Integer> rows = new HashMap<>();
    for (int i = 0; i < spanIds.size(); i++) {
      rows.putIfAbsent(spanIds.get(i), i);
    }
    ColumnWriter out = new ColumnWriter();
    for (int i = 0; i < parentIds.size(); i++) {
      ByteString parent = parentIds.get(i);
      Integer row = rows.get(parent);
      if (parent.isEmpty()) {
        out.unsigned(NO_PARENT);
      } else if (row == null) {
        out.unsigned(PARENT_ELSEWHERE);
        out.bytes(parent);
      } else {
        int distance = row - i;
        out.unsigned((((long) distance << 1) ^ (distance >> 31)) + 2);
      }
    }
    return out;
  }

  static ByteString[] readParents(ColumnReader in, ByteString[] spanIds) {
    ByteString[] parents = new ByteString[spanIds.length];
    for (int i = 0; i < parents.length; i++) {
      long code = in.unsigned();
      if (code == NO_PARENT) {
        parents[i] = ByteString.EMPTY;
      } else if (code == PARENT_ELSEWHERE) {
        parents[i] = in.bytes();
      } else {
        long zigzag = code - 2;
        long row = i + ((zigzag >>> 1) ^ -(zigzag & 1));
        if (row < 0 || row >= spanIds.length) {
          throw new SegmentFormatException("parent in row " + row + " of " + spanIds.length);
        }
        parents[i] = spanIds[(int) row];
      }
    }
    return parents;
  }
}
