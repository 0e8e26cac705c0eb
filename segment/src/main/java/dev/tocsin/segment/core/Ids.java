package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trace ids (a dictionary and an index an item), span ids (raw: they are random) and parents (by
 * their place among the rows of the trace) as sections {@code traces}, {@code trace}, {@code span},
 * {@code parent}; written by {@link IdWriter}.
 */
public final class Ids {
  static final int TRACE_ID_BYTES = 16;
  static final int SPAN_ID_BYTES = 8;
  static final int NO_PARENT = 0;
  static final int PARENT_ELSEWHERE = 1;

  private Ids() {}

  /** Sections of {@link #readRepeatedSpans} beside the traces. */
  public static final List<String> SPAN_SECTIONS = List.of("spans", "span");

  /** The trace of each row. */
  public static final class Traces {
    public static final List<String> SECTIONS = List.of("traces", "trace");

    private final byte[] bytes;

    /** Where each distinct id bounds and ends in the bytes. */
    private final int[] bounds;

    /** Of a row, which of them it has. */
    private final int[] places;

    /** Of spans: numbered by time. */
    public static Traces byTime(Sections.Reader sections, int count) {
      Traces traces = new Traces(sections, count);
      ColumnReader differences = sections.section("trace");
      long place = 0;
      for (int row = 0; row < count; row++) {
        place += differences.signed();
        traces.put(row, place);
      }
      return traces;
    }

    /** Of logs: numbered as they follow one another. */
    public static Traces inSequence(Sections.Reader sections, int count) {
      Traces traces = new Traces(sections, count);
      ColumnReader indexes = sections.section("trace");
      int seen = 0;
      for (int row = 0; row < count; row++) {
        int back = indexes.index(seen + 1);
        traces.put(row, seen - back);
        seen += back == 0 ? 1 : 0;
      }
      return traces;
    }

    private void put(int row, long place) {
      if (place < 0 || place >= size()) {
        throw new SegmentFormatException("trace " + place + " of " + size());
      }
      places[row] = (int) place;
    }

    private Traces(Sections.Reader sections, int count) {
      ColumnReader in = sections.section("traces");
      int size = in.count(in.remaining());
      boolean usual = in.octet() == 1;
      bytes = in.array();
      bounds = new int[2 * size];
      for (int i = 0; i < size; i++) {
        int length = usual ? TRACE_ID_BYTES : in.count(in.remaining());
        bounds[2 * i] = in.skip(length);
        bounds[2 * i + 1] = bounds[2 * i] + length;
      }
      places = new int[count];
    }

    int place(int row) {
      return places[row];
    }

    int size() {
      return bounds.length / 2;
    }

    ByteString get(int row) {
      return at(places[row]);
    }

    private ByteString at(int place) {
      int from = bounds[2 * place];
      return ByteString.copyFrom(bytes, from, bounds[2 * place + 1] - from);
    }

    /** The rows of a trace, ascending. */
    int[] rows(ByteString traceId) {
      int[] places = placesIn(List.of(traceId));
      return IntStream.range(0, places.length).filter(row -> places[row] == 0).toArray();
    }

    /** Per row the place of its trace in the list, -1 for another trace. */
    int[] placesIn(List<ByteString> traceIds) {
      Map<ByteString, Integer> wanted = new HashMap<>();
      for (int i = 0; i < traceIds.size(); i++) {
        wanted.put(traceIds.get(i), i);
      }
      int[] placeOf = new int[size()];
      for (int i = 0; i < placeOf.length; i++) {
        placeOf[i] = wanted.getOrDefault(at(i), -1);
      }
      int[] found = new int[places.length];
      for (int row = 0; row < found.length; row++) {
        found[row] = placeOf[places[row]];
      }
      return found;
    }
  }

  private static ByteString slice(ColumnReader in, int length) {
    return UnsafeByteOperations.unsafeWrap(in.array(), in.skip(length), length);
  }

  public static ByteString[] readSpans(ColumnReader in, int count) {
    boolean usual = in.octet() == 1;
    ByteString[] ids = new ByteString[count];
    for (int i = 0; i < count; i++) {
      ids[i] = slice(in, usual ? SPAN_ID_BYTES : in.count(in.remaining()));
    }
    return ids;
  }

  public static ByteString[] readRepeatedSpans(Sections.Reader sections, Traces traces, int count) {
    ColumnReader in = sections.section("spans");
    int[] lengths = new int[in.count(in.remaining())];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = in.count(in.remaining());
    }
    ByteString[] distinct = new ByteString[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      distinct[i] = slice(in, lengths[i]);
    }
    ColumnReader places = sections.section("span");
    ByteString[] ids = new ByteString[count];
    int[] lastOfTrace = new int[traces.size()];
    int seen = 0;
    for (int row = 0; row < count; row++) {
      int code = places.index(distinct.length + 2);
      int place = code == 0 ? lastOfTrace[traces.place(row)] : code == 1 ? seen : code - 2;
      if (place >= distinct.length) {
        throw new SegmentFormatException("span id " + place + " of " + distinct.length);
      }
      seen += place == seen ? 1 : 0;
      lastOfTrace[traces.place(row)] = place;
      ids[row] = distinct[place];
    }
    return ids;
  }

  /** Rows without a parent. */
  public static BitSet readRoots(ColumnReader in, int count) {
    BitSet roots = new BitSet(count);
    for (int row = 0; row < count; row++) {
      long code = in.unsigned();
      if (code == NO_PARENT) {
        roots.set(row);
      } else if (code == PARENT_ELSEWHERE) {
        int unused = in.skip(in.count(in.remaining()));
      }
    }
    return roots;
  }

  public static ByteString[] readParents(ColumnReader in, Traces traces, ByteString[] spanIds) {
    int[] ends = new int[traces.size() + 1];
    for (int row = 0; row < spanIds.length; row++) {
      ends[traces.place(row) + 1]++;
    }
    for (int trace = 1; trace < ends.length; trace++) {
      ends[trace] += ends[trace - 1];
    }
    int[] next = Arrays.copyOf(ends, ends.length);
    int[] rowsByTrace = new int[spanIds.length];
    for (int row = 0; row < spanIds.length; row++) {
      rowsByTrace[next[traces.place(row)]++] = row;
    }
    ByteString[] parents = new ByteString[spanIds.length];
    for (int row = 0; row < parents.length; row++) {
      long code = in.unsigned();
      if (code == NO_PARENT) {
        parents[row] = ByteString.EMPTY;
      } else if (code == PARENT_ELSEWHERE) {
        parents[row] = in.bytes();
      } else {
        int trace = traces.place(row);
        int size = ends[trace + 1] - ends[trace];
        if (code < 0 || code - 2 >= size) {
          throw new SegmentFormatException("parent " + (code - 2) + " of " + size);
        }
        parents[row] = spanIds[rowsByTrace[ends[trace] + (int) (code - 2)]];
      }
    }
    return parents;
  }
}
