package dev.tocsin.storage.postgres;

import dev.tocsin.storage.segment.Segment;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;

/** A segment of the database: its key and what was fetched of it. Used by one thread at a time. */
final class Stored<S extends Segment> {
  /** Columns of a row that {@link #of} takes. */
  static final String COLUMNS = "min_ts, max_ts, part, id, fmt";

  final OffsetDateTime minTs;
  final OffsetDateTime maxTs;
  final int part;
  final long id;
  final S segment;

  /** Memory counted for it. */
  long held;

  private Stored(OffsetDateTime minTs, OffsetDateTime maxTs, int part, long id, S segment) {
    this.minTs = minTs;
    this.maxTs = maxTs;
    this.part = part;
    this.id = id;
    this.segment = segment;
  }

  /**
   * @param row begins with {@link #COLUMNS}
   */
  static <S extends Segment> Stored<S> of(SegmentTable<S> table, Row row) {
    return new Stored<>(
        row.getOffsetDateTime(0),
        row.getOffsetDateTime(1),
        row.getInteger(2),
        row.getLong(3),
        table.empty().apply(row.getShort(4)));
  }

  /** Microseconds are what the database keeps: everything of the segment is before this. */
  long endNanos() {
    return micros(maxTs) * 1_000 + 1_000;
  }

  /** Nothing of the segment is before this. */
  long startNanos() {
    return micros(minTs) * 1_000;
  }

  private static long micros(OffsetDateTime at) {
    return at.toEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }
}
