package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Segment;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.function.Supplier;

/** A segment of the database: its key and what was fetched of it. Used by one thread at a time. */
public final class Stored<S extends Segment> {
  /** Columns of a row that {@link #of} takes. */
  public static final String COLUMNS = "min_ts, max_ts, part, id, fmt";

  final OffsetDateTime minTs;
  final OffsetDateTime maxTs;
  public final int part;
  public final long id;

  /** What was fetched. */
  public S segment;

  private final Supplier<S> empty;

  /** Memory counted for it. */
  long held;

  private Stored(OffsetDateTime minTs, OffsetDateTime maxTs, int part, long id, Supplier<S> empty) {
    this.minTs = minTs;
    this.maxTs = maxTs;
    this.part = part;
    this.id = id;
    this.empty = empty;
    this.segment = empty.get();
  }

  /**
   * @param row begins with {@link #COLUMNS}
   */
  public static <S extends Segment> Stored<S> of(SegmentTable<S> table, Row row) {
    short format = row.getShort(4);
    return new Stored<>(
        row.getOffsetDateTime(0),
        row.getOffsetDateTime(1),
        row.getInteger(2),
        row.getLong(3),
        () -> table.empty().apply(format));
  }

  /** Nothing of it is here any more. */
  void forget() {
    segment = empty.get();
  }

  /** Microseconds are what the database keeps: everything of the segment is before this. */
  public long endNanos() {
    return micros(maxTs) * 1_000 + 1_000;
  }

  /** Nothing of the segment is before this. */
  public long startNanos() {
    return micros(minTs) * 1_000;
  }

  private static long micros(OffsetDateTime at) {
    return at.toEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }
}
