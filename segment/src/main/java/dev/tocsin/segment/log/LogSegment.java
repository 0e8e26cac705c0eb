package dev.tocsin.segment.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.column.BytesColumn;
import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.Piece;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.column.SparseBytes;
import dev.tocsin.segment.column.Stream;
import dev.tocsin.segment.column.ValueColumn;
import dev.tocsin.segment.column.WideNumbers;
import dev.tocsin.segment.core.Ids;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import dev.tocsin.segment.index.TextSearch;
import dev.tocsin.segment.index.TextTokens;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stored log segment; see {@link LogSegments} for the format. Rows of a service are in ascending
 * time. Not thread-safe.
 */
public final class LogSegment extends Segment {
  /** Columns of the table, in the order of the blobs. */
  public static final List<String> BLOBS = List.of("meta", "body", "attrs");

  private static final int[] BEGINNINGS = {
    Sections.Reader.BEGINNING, Sections.Reader.BEGINNING, Sections.Reader.BEGINNING
  };

  private static final int BODY_BLOB = 1;

  private @Nullable Bodies bodies;
  private @Nullable SparseBytes rest;
  private ByteString @Nullable [] spanIds;

  private static final class LogFrame extends Frame {
    private final long baseNanos;
    final LogSegments.Kind[] kinds;
    final int[] kind;
    final long[] nanos;
    final long[] times;
    final long[] observed;
    final long[] flags;

    LogFrame(int from, int to, long baseNanos, LogSegments.Kind[] kinds) {
      super(from, to);
      this.baseNanos = baseNanos;
      this.kinds = kinds;
      kind = new int[to - from];
      nanos = new long[to - from];
      times = new long[to - from];
      observed = new long[to - from];
      flags = new long[to - from];
    }

    LogSegments.Kind kind(int row) {
      return kinds[kind[row - from]];
    }

    @Override
    protected int shape(int row) {
      return kind(row).shape();
    }

    @Override
    protected void readRest(ColumnReader in, WideNumbers.Reader wide) {
      int size = to - from;
      Stream.read(in, wide, nanos, 0, size);
      Stream.read(in, wide, times, 0, size);
      Stream.read(in, wide, observed, 0, size);
      Stream.read(in, flags, 0, size);
      Stream.read(in, resource, 0, size, Integer.MAX_VALUE);
      Stream.read(in, scope, 0, size, Integer.MAX_VALUE);
      long filed = baseNanos;
      for (int i = 0; i < size; i++) {
        filed += nanos[i];
        nanos[i] = filed;
        times[i] = time(times[i], filed);
        observed[i] = time(observed[i], filed);
      }
    }
  }

  /** Texts and other bodies, and the place of each row's among those of its kind. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Bodies(BytesColumn.Reader texts, BytesColumn.Reader others, int[] places) {}

  /**
   * With all of its blobs.
   *
   * @param format as stored beside the blobs
   * @throws SegmentFormatException when it is no known format
   */
  public LogSegment(int format, byte[] meta, byte[] body, byte[] attrs) {
    super("log", format, LogSegments.FORMAT, meta, body, attrs);
  }

  /** With nothing of its blobs yet. */
  public LogSegment(int format) {
    super("log", format, LogSegments.FORMAT, BEGINNINGS);
  }

  @Override
  public boolean needsEveryRow(Need need) {
    return super.needsEveryRow(need) || need.has(Need.Part.TEXTS);
  }

  @Override
  protected void addMissing(Need need, List<Piece> pieces) {
    if (need.has(Need.Part.TRACES)) {
      blob(ROWS_BLOB).addMissing(ROWS_BLOB, Ids.Traces.SECTIONS, pieces);
    }
    if (need.has(Need.Part.SPANS)) {
      blob(ROWS_BLOB).addMissing(ROWS_BLOB, Ids.SPAN_SECTIONS, pieces);
    }
    if (need.has(Need.Part.TEXTS)) {
      blob(BODY_BLOB).addMissing(BODY_BLOB, pieces);
    }
  }

  @Override
  protected LogFrame decode(ColumnReader in, int from, int to) {
    LogSegments.Kind[] list = new LogSegments.Kind[in.count(in.remaining())];
    for (int i = 0; i < list.length; i++) {
      list[i] =
          new LogSegments.Kind(
              (int) in.signed(),
              in.index(names().length),
              in.index(names().length),
              in.index(3),
              in.count(Integer.MAX_VALUE));
    }
    LogFrame frame = new LogFrame(from, to, baseNanos(), list);
    Stream.read(in, frame.kind, 0, to - from, list.length);
    return frame;
  }

  private static long time(long code, long filed) {
    if (code == LogSegments.TIME_ZERO) {
      return 0;
    }
    return filed + (code > 0 ? code - 1 : code);
  }

  private LogSegments.Kind kind(int row) {
    return ((LogFrame) frameOf(row)).kind(row);
  }

  private LogFrame frame(int row) {
    return (LogFrame) wholeFrameOf(row);
  }

  /** The time the record is filed under. */
  @Override
  public long nanos(int row) {
    LogFrame frame = frame(row);
    return frame.nanos[row - frame.from];
  }

  /** By its number, or by its text when it has no number; 0 when neither says. */
  public int severity(int row) {
    LogSegments.Kind shared = kind(row);
    return shared.severity() == 0
        ? SeverityText.number(names()[shared.severityText()])
        : shared.severity();
  }

  @Override
  protected Ids.Traces readTraces() {
    return Ids.Traces.inSequence(blob(ROWS_BLOB), count());
  }

  public ByteString spanId(int row) {
    ByteString[] known = spanIds;
    if (known == null) {
      known = Ids.readRepeatedSpans(blob(ROWS_BLOB), traces(), count());
      spanIds = known;
    }
    return known[row];
  }

  private Bodies bodies() {
    Bodies known = bodies;
    if (known == null) {
      int[] places = new int[count()];
      int[] next = new int[3];
      for (int row = 0; row < places.length; row++) {
        places[row] = next[kind(row).body()]++;
      }
      Sections.Reader sections = blob(BODY_BLOB);
      known =
          new Bodies(
              BytesColumn.read(sections, "texts", next[LogSegments.BODY_TEXT]),
              BytesColumn.read(sections, "others", next[LogSegments.BODY_ANY]),
              places);
      bodies = known;
    }
    return known;
  }

  /**
   * Keeps rows whose text passes; plain ones are searched as the bytes they are stored as, maps and
   * lists as JSON and as the texts inside of them, one of which must pass.
   */
  public void retainTexts(TextSearch search, BitSet rows) {
    Bodies all = bodies();
    BytesColumn.Reader texts = all.texts();
    IntPredicate textPasses = texts.memoized(search::isIn);
    retain(
        rows,
        row ->
            kind(row).body() == LogSegments.BODY_TEXT
                ? textPasses.test(all.places()[row])
                : isIn(search, row));
  }

  private boolean isIn(TextSearch search, int row) {
    if (kind(row).body() == LogSegments.BODY_NONE) {
      return search.isIn("");
    }
    AnyValue body = body(row);
    return search.isIn(TextTokens.shown(body)) || search.isIn(TextTokens.text(body));
  }

  /** Keeps rows with a body that is no text and passes. */
  public void retainBodies(Predicate<AnyValue> test, BitSet rows) {
    retain(rows, row -> kind(row).body() == LogSegments.BODY_ANY && test.test(body(row)));
  }

  private AnyValue body(int row) {
    Bodies all = bodies();
    int place = all.places()[row];
    if (kind(row).body() == LogSegments.BODY_TEXT) {
      return ValueColumn.text(all.texts().get(place));
    }
    try {
      return AnyValue.parseFrom(all.others().get(place));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored log body: " + e.getMessage(), e);
    }
  }

  /** The record as it came. */
  public LogRecord log(int row) {
    LogFrame frame = frame(row);
    LogSegments.Kind shared = frame.kind(row);
    int place = row - frame.from;
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setTimeUnixNano(frame.times[place])
            .setObservedTimeUnixNano(frame.observed[place])
            .setSeverityNumberValue(shared.severity())
            .setSeverityText(names()[shared.severityText()])
            .setEventName(names()[shared.eventName()])
            .setFlags((int) frame.flags[place])
            .setTraceId(traceId(row))
            .setSpanId(spanId(row))
            .addAllAttributes(attributes(row));
    if (shared.body() != LogSegments.BODY_NONE) {
      log.setBody(body(row));
    }
    ByteString remainder = rest().get(row);
    try {
      return remainder == null ? log.build() : log.mergeFrom(remainder).build();
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored log record: " + e.getMessage(), e);
    }
  }

  private SparseBytes rest() {
    SparseBytes known = rest;
    if (known == null) {
      known = new SparseBytes(blob(ROWS_BLOB), count());
      rest = known;
    }
    return known;
  }

  /** The resource of a row as it came, without scopes. */
  public ResourceLogs resource(int row) {
    try {
      return ResourceLogs.parseFrom(resourceBytes(row));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }

  /** The scope of a row as it came, without records. */
  public ScopeLogs scope(int row) {
    try {
      return ScopeLogs.parseFrom(scopeBytes(row));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored scope: " + e.getMessage(), e);
    }
  }
}
