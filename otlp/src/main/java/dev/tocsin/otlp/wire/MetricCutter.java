package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Makes several metrics of one, or one without its faulty points: each with everything around the
 * points, and some of them. What is kept is copied as bytes. For the few metrics that need it; the
 * others are copied whole.
 */
final class MetricCutter {
  private static final int METRIC = tag(2, LENGTH_DELIMITED);

  /** Tags and longest lengths of the metric and its data. */
  private static final int ENVELOPE_BYTES_MAX = 2 * 6;

  /**
   * A metric, with its tag.
   *
   * @param points in it
   * @param memory see {@link Memory}
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  record Piece(byte[] bytes, int points, long memory) {}

  private record Point(int start, int end, long memory) {}

  /** Ranges of bytes to be copied: start, end, start, end and so on. */
  private static final class Ranges {
    private final List<int[]> ranges = new ArrayList<>();
    private int size;
    private long memory;

    void add(int start, int end, long heapBytes) {
      ranges.add(new int[] {start, end});
      size += end - start;
      memory += heapBytes;
    }

    void writeTo(WireOutput out, byte[] source) {
      ranges.forEach(range -> out.bytes(source, range[0], range[1]));
    }
  }

  private final byte[] bytes;
  private final int pieceBytesMax;
  private final long pieceMemoryMax;
  private final Map<Rejection, Integer> rejected;
  private final WireCursor cursor;
  private final PointScanner points;
  private final LabelCheck labels;
  private final Ranges head = new Ranges();
  private Ranges dataHead = new Ranges();
  private List<Point> kept = new ArrayList<>();
  private int dataField;

  private MetricCutter(
      byte[] bytes,
      ItemLimits limits,
      LabelCheck labels,
      int start,
      int pieceBytesMax,
      long pieceMemoryMax,
      Map<Rejection, Integer> rejected) {
    this.bytes = bytes;
    this.pieceBytesMax = pieceBytesMax;
    this.pieceMemoryMax = pieceMemoryMax;
    this.rejected = rejected;
    this.cursor = new WireCursor(bytes, start);
    this.points = new PointScanner(cursor, limits);
    this.labels = labels;
  }

  /**
   * Cuts the metric whose tag is at the start, which was scanned before.
   *
   * @param limits its points were judged by, and the labels of their resource
   * @param pieceBytesMax of one piece; a point that passes it alone is rejected
   * @param pieceMemoryMax of one piece likewise
   * @param rejected gets the points that are too large; faulty ones were counted before
   */
  static List<Piece> cut(
      byte[] bytes,
      ItemLimits limits,
      LabelCheck labels,
      int start,
      int end,
      int pieceBytesMax,
      long pieceMemoryMax,
      Map<Rejection, Integer> rejected) {
    MetricCutter cutter =
        new MetricCutter(bytes, limits, labels, start, pieceBytesMax, pieceMemoryMax, rejected);
    cutter.read(end);
    int unused = cutter.dropTooLong();
    return cutter.pieces();
  }

  /** How many of the points that are kept otherwise have labels that are too long. */
  static int countTooLong(byte[] bytes, ItemLimits limits, LabelCheck labels, int start, int end) {
    MetricCutter cutter =
        new MetricCutter(bytes, limits, labels, start, 0, 0, new EnumMap<>(Rejection.class));
    cutter.read(end);
    return cutter.dropTooLong();
  }

  private int dropTooLong() {
    int before = kept.size();
    kept.removeIf(this::isTooLong);
    return before - kept.size();
  }

  private boolean isTooLong(Point point) {
    if (!labels.isDoubtful((long) point.end - point.start, head.size)) {
      return false;
    }
    Ranges only = new Ranges();
    only.add(point.start, point.end, point.memory);
    byte[] metric = piece(only).bytes();
    WireCursor content = new WireCursor(metric, 0);
    int unusedTag = content.readTag(metric.length);
    int unusedEnd = content.readEnd(metric.length);
    return !labels.fits(metric, content.position(), head.memory + dataHead.memory + point.memory);
  }

  private void read(int end) {
    int unusedTag = cursor.readTag(end);
    int unusedEnd = cursor.readEnd(end);
    while (cursor.position() < end) {
      int fieldStart = cursor.position();
      int tag = cursor.readTag(end);
      WireSchema data = MetricScanner.data(tag);
      if (data == null) {
        long before = cursor.memory();
        MetricScanner.checkField(cursor, tag, end);
        head.add(fieldStart, cursor.position(), cursor.memory() - before);
      } else {
        readData(tag >>> 3, data, cursor.readEnd(end));
      }
    }
  }

  private void readData(int field, WireSchema data, int end) {
    if (field != dataField) {
      // Of several kinds of data the last counts.
      dataField = field;
      dataHead = new Ranges();
      kept = new ArrayList<>();
    }
    while (cursor.position() < end) {
      int fieldStart = cursor.position();
      long before = cursor.memory();
      int tag = cursor.readTag(end);
      if (tag == MetricScanner.POINT) {
        Rejection rejection = points.scan(field, data.child(1), cursor.readEnd(end));
        if (rejection == null) {
          kept.add(new Point(fieldStart, cursor.position(), cursor.memory() - before));
        }
      } else {
        MetricScanner.checkDataField(cursor, data, tag, end);
        dataHead.add(fieldStart, cursor.position(), cursor.memory() - before);
      }
    }
  }

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    long around = (long) ENVELOPE_BYTES_MAX + head.size + dataHead.size;
    long memoryAround = 2 * Memory.MESSAGE_MAX + head.memory + dataHead.memory;
    Ranges chosen = new Ranges();
    for (Point point : kept) {
      int size = point.end - point.start;
      if (around + size > pieceBytesMax || memoryAround + point.memory > pieceMemoryMax) {
        rejected.merge(Rejection.ITEM_TOO_LARGE, 1, Integer::sum);
        continue;
      }
      if (around + chosen.size + size > pieceBytesMax
          || memoryAround + chosen.memory + point.memory > pieceMemoryMax) {
        pieces.add(piece(chosen));
        chosen = new Ranges();
      }
      chosen.add(point.start, point.end, point.memory);
    }
    if (!chosen.ranges.isEmpty()) {
      pieces.add(piece(chosen));
    }
    return pieces;
  }

  private Piece piece(Ranges chosen) {
    int dataSize = dataHead.size + chosen.size;
    int dataTag = tag(dataField, LENGTH_DELIMITED);
    int metricSize = head.size + WireOutput.lengthDelimitedSize(dataSize);
    WireOutput out = new WireOutput(WireOutput.lengthDelimitedSize(metricSize));
    out.lengthDelimited(METRIC, metricSize);
    head.writeTo(out, bytes);
    out.lengthDelimited(dataTag, dataSize);
    dataHead.writeTo(out, bytes);
    chosen.writeTo(out, bytes);
    long memory = 2 * Memory.MESSAGE_MAX + head.memory + dataHead.memory + chosen.memory;
    return new Piece(out.toBytes(), chosen.ranges.size(), memory);
  }
}
