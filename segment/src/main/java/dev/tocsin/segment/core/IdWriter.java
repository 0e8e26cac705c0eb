package dev.tocsin.segment.core;

import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SliceDictionary;
import dev.tocsin.segment.index.Hashes;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Trace, span and parent ids of a segment; see {@link Ids} for the sections. Not thread-safe. */
public final class IdWriter {
  private final byte[] bytes;
  private final SliceDictionary traces;
  private final SliceDictionary spans;
  private final int[] arrived;
  private final int[] traceOf;
  private final int[] spanFrom;
  private final int[] spanTo;
  private final int[] parentFrom;
  private final int[] parentTo;

  /** Per distinct span id, the row that had it first. */
  private final int[] rowOfSpan;

  private int rows;
  private int traceFrom;
  private int traceTo;

  public IdWriter(byte[] bytes, int count) {
    this.bytes = bytes;
    this.traces = new SliceDictionary(bytes, count / 4);
    this.spans = new SliceDictionary(bytes, count);
    this.arrived = new int[count];
    this.traceOf = new int[count];
    this.spanFrom = new int[count];
    this.spanTo = new int[count];
    this.parentFrom = new int[count];
    this.parentTo = new int[count];
    this.rowOfSpan = new int[count];
  }

  public SliceDictionary traces() {
    return traces;
  }

  /** The trace of a row told by {@link #endArrival}. */
  public int traceOfArrival(int row) {
    return arrived[row];
  }

  public void begin() {
    traceFrom = 0;
    traceTo = 0;
  }

  public void trace(int from, int to) {
    traceFrom = from;
    traceTo = to;
  }

  public void span(int from, int to) {
    spanFrom[rows] = from;
    spanTo[rows] = to;
  }

  public void parent(int from, int to) {
    parentFrom[rows] = from;
    parentTo[rows] = to;
  }

  /** Ends a row in the order it came, so that traces are numbered by time. */
  public void endArrival(int row) {
    arrived[row] = traces.index(traceFrom, traceTo);
  }

  /** Ends a row in stored order whose trace was told by {@link #endArrival}. */
  public void end(int row) {
    end(rows, arrived[row]);
  }

  /** Ends a row in stored order. */
  public void end() {
    end(rows, traces.index(traceFrom, traceTo));
  }

  private void end(int row, int trace) {
    traceOf[row] = trace;
    int before = spans.size();
    int id = spans.index(spanFrom[row], spanTo[row]);
    if (id == before) {
      rowOfSpan[id] = row;
    }
    rows++;
  }

  /** At how many traces a day segments like this would add up, seeing so many of them. */
  private static double tracesPerDay(int traces, long minNanos, long maxNanos) {
    double range = Math.max(maxNanos - minNanos, TimeUnit.SECONDS.toNanos(1));
    return traces * (TimeUnit.DAYS.toNanos(1) / range);
  }

  /** Keys of the traces for the index, ascending; and each trace into the bloom. */
  public Integer[] traceKeys(long minNanos, long maxNanos, IndexEntries index) {
    double perDay = tracesPerDay(traces.size(), minNanos, maxNanos);
    int bits = Hashes.traceBits(perDay);
    TreeSet<Integer> keys = new TreeSet<>();
    for (int i = 0; i < traces.size(); i++) {
      if (traces.length(i) > 0) {
        keys.add(Hashes.traceKey(traces.hash(i), bits));
        index.mark(Hashes.traceMark(traces.hash(i)));
      }
    }
    return keys.toArray(new Integer[0]);
  }

  private void addTraceListTo(Sections.Writer sections) {
    ColumnWriter distinct = new ColumnWriter();
    distinct.unsigned(traces.size());
    boolean usual = true;
    for (int i = 0; i < traces.size(); i++) {
      usual &= traces.length(i) == Ids.TRACE_ID_BYTES;
    }
    distinct.octet(usual ? 1 : 0);
    for (int i = 0; i < traces.size(); i++) {
      if (!usual) {
        distinct.unsigned(traces.length(i));
      }
      distinct.raw(bytes, traces.from(i), traces.to(i));
    }
    sections.addRaw("traces", distinct);
  }

  /** Traces by time: rows of one operation, which are in order of time, differ by little. */
  private void addTracesByTimeTo(Sections.Writer sections) {
    addTraceListTo(sections);
    ColumnWriter places = new ColumnWriter();
    int previous = 0;
    for (int row = 0; row < rows; row++) {
      places.signed(traceOf[row] - previous);
      previous = traceOf[row];
    }
    sections.add("trace", places);
  }

  /** Traces whose rows follow one another, as in logs. */
  public void addTracesTo(Sections.Writer sections) {
    addTraceListTo(sections);
    ColumnWriter places = new ColumnWriter();
    int seen = 0;
    for (int row = 0; row < rows; row++) {
      // Back from the newest one; 0 for the next new one.
      places.unsigned(traceOf[row] == seen ? 0 : seen - traceOf[row]);
      seen += traceOf[row] == seen ? 1 : 0;
    }
    sections.add("trace", places);
  }

  /**
   * Where span ids repeat, as in logs: a dictionary, and a row each 0 for that of the trace's row
   * before, 1 for the next new one, else its place + 2.
   */
  public void addRepeatedSpansTo(Sections.Writer sections) {
    ColumnWriter distinct = new ColumnWriter();
    distinct.unsigned(spans.size());
    for (int i = 0; i < spans.size(); i++) {
      distinct.unsigned(spans.length(i));
    }
    for (int i = 0; i < spans.size(); i++) {
      distinct.raw(bytes, spans.from(i), spans.to(i));
    }
    sections.add("spans", distinct);
    ColumnWriter places = new ColumnWriter();
    int[] lastOfTrace = new int[traces.size()];
    Arrays.fill(lastOfTrace, -1);
    int seen = 0;
    for (int row = 0; row < rows; row++) {
      int place = spans.find(spanFrom[row], spanTo[row]);
      if (place == lastOfTrace[traceOf[row]]) {
        places.unsigned(0);
      } else {
        places.unsigned(place == seen ? 1 : place + 2);
      }
      seen += place == seen ? 1 : 0;
      lastOfTrace[traceOf[row]] = place;
    }
    sections.add("span", places);
  }

  /** Ids of the usual length in one run, others with their length. */
  void addSpansTo(Sections.Writer sections) {
    boolean usual = true;
    for (int row = 0; row < rows; row++) {
      usual &= spanTo[row] - spanFrom[row] == Ids.SPAN_ID_BYTES;
    }
    ColumnWriter out = new ColumnWriter();
    out.octet(usual ? 1 : 0);
    for (int row = 0; row < rows; row++) {
      if (!usual) {
        out.unsigned(spanTo[row] - spanFrom[row]);
      }
      out.raw(bytes, spanFrom[row], spanTo[row]);
    }
    if (usual) {
      sections.addRaw("span", out);
    } else {
      sections.add("span", out);
    }
  }

  /** A parent among the rows of its trace is named by its place there, any other by its id. */
  private void addParentsTo(Sections.Writer sections) {
    int[] rank = new int[rows];
    int[] next = new int[traces.size()];
    for (int row = 0; row < rows; row++) {
      rank[row] = next[traceOf[row]]++;
    }
    ColumnWriter out = new ColumnWriter();
    for (int row = 0; row < rows; row++) {
      int length = parentTo[row] - parentFrom[row];
      int id = length == 0 ? -1 : spans.find(parentFrom[row], parentTo[row]);
      if (length == 0) {
        out.unsigned(Ids.NO_PARENT);
      } else if (id >= 0 && traceOf[rowOfSpan[id]] == traceOf[row]) {
        out.unsigned(rank[rowOfSpan[id]] + 2L);
      } else {
        out.unsigned(Ids.PARENT_ELSEWHERE);
        out.unsigned(length);
        out.raw(bytes, parentFrom[row], parentTo[row]);
      }
    }
    sections.add("parent", out);
  }

  public byte[] toBytes() {
    Sections.Writer sections = new Sections.Writer();
    addTracesByTimeTo(sections);
    addSpansTo(sections);
    addParentsTo(sections);
    return sections.toBytes();
  }
}
