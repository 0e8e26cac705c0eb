package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.column.Piece;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryMemoryException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Fetches what a query needs of segments and no more: pieces of many of them in one statement, as
 * blobs are stored so that {@code substring} reads only what it returns. Used by one thread.
 */
public final class SegmentReads<S extends Segment> {
  /** Directory, what it names, what that names: more rounds mean a damaged blob. */
  private static final int ROUNDS_MAX = 6;

  /** What an inflated byte is with what is made of it: an estimate. */
  private static final int DECODED = 2;

  /** A piece of such a length is wanted up to the end of its blob. */
  private static final int LENGTH_UNKNOWN = 1 << 30;

  private static final String PIECES =
      """
      select w.place, case w.blob %s end
      from unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::int[], $5::int[], $6::int[])
        with ordinality as w (part, min_ts, id, blob, first, size, place)
      join %s s on s.part = w.part and s.min_ts = w.min_ts and s.id = w.id
      where s.min_ts >= $7 and s.min_ts <= $8\
      """;

  private final Pool pool;
  private final Budget budget;
  private final String sql;
  private final String lengthsSql;

  private record Wanted<S extends Segment>(Stored<S> of, Piece piece) {}

  public SegmentReads(Pool pool, Budget budget, SegmentTable<S> table) {
    this.pool = pool;
    this.budget = budget;
    StringBuilder blobs = new StringBuilder();
    StringBuilder lengths = new StringBuilder();
    for (int i = 0; i < table.blobs().size(); i++) {
      blobs.append(
          " when %d then substring(s.%s from w.first + 1 for w.size)"
              .formatted(i, table.blobs().get(i)));
      lengths.append(
          " when %d then least(w.size, octet_length(s.%s) - w.first)"
              .formatted(i, table.blobs().get(i)));
    }
    this.sql = PIECES.formatted(blobs, table.name());
    this.lengthsSql = PIECES.formatted(lengths, table.name());
  }

  /**
   * @param service the only one whose rows are looked at
   */
  public void fetch(Collection<Stored<S>> segments, Need need, Optional<String> service)
      throws Exception {
    for (Stored<S> each : segments) {
      // What is inflated is counted before it is: stored bytes tell little of it.
      each.segment.onInflate(bytes -> hold(each, DECODED * bytes));
    }
    for (int round = 0; round < ROUNDS_MAX; round++) {
      List<Wanted<S>> wanted = new ArrayList<>();
      for (Stored<S> each : segments) {
        each.segment.missing(need, service).forEach(piece -> wanted.add(new Wanted<>(each, piece)));
      }
      if (wanted.isEmpty()) {
        return;
      }
      expect(wanted);
      for (Row row : budget.select(pool, sql, parameters(wanted))) {
        take(wanted.get(row.getLong(0).intValue() - 1), row.getBuffer(1).getBytes());
      }
    }
    throw new SegmentFormatException("a segment's directory names what its blobs do not have");
  }

  /**
   * All rows of a statement are here before the first is looked at, and what is read is inflated:
   * when there is no room for that, nothing is read.
   */
  private void expect(List<Wanted<S>> wanted) throws Exception {
    if (wanted.stream().map(Wanted::of).distinct().count() < 2) {
      return;
    }
    long bytes = 0;
    boolean known = wanted.stream().allMatch(each -> each.piece().length() < LENGTH_UNKNOWN);
    if (known) {
      bytes = wanted.stream().mapToLong(each -> each.piece().length()).sum();
    } else {
      for (Row row : budget.select(pool, lengthsSql, parameters(wanted))) {
        bytes += row.getInteger(1);
      }
    }
    budget.hold((1 + DECODED) * bytes);
    budget.release((1 + DECODED) * bytes);
  }

  private void take(Wanted<S> wanted, byte[] bytes) {
    budget.read(bytes.length);
    hold(wanted.of(), bytes.length);
    wanted.of().segment.add(wanted.piece(), bytes);
  }

  private void hold(Stored<S> stored, long bytes) {
    budget.hold(bytes);
    stored.held += bytes;
  }

  /** Forgets what was fetched of segments, which may be fetched again. */
  public void drop(Collection<Stored<S>> segments) {
    release(segments);
    segments.forEach(Stored::forget);
  }

  /** What is done with some segments; nothing is left of it when there is no memory for all. */
  public interface Work<S extends Segment> {
    void on(List<Stored<S>> some) throws Exception;
  }

  /**
   * Does something with segments, and forgets them. When there is no memory for all of them, it is
   * done with halves: items of megabytes make nobody's search fail.
   */
  public void inParts(List<Stored<S>> segments, Work<S> work) throws Exception {
    try {
      work.on(segments);
      drop(segments);
      return;
    } catch (QueryMemoryException tooMuchAtOnce) {
      drop(segments);
      if (segments.size() <= 1) {
        throw tooMuchAtOnce;
      }
    }
    int half = segments.size() / 2;
    inParts(segments.subList(0, half), work);
    inParts(segments.subList(half, segments.size()), work);
  }

  /** Counts segments no more, which are not used from now on. */
  public void release(Collection<Stored<S>> segments) {
    for (Stored<S> each : segments) {
      budget.release(each.held);
      each.held = 0;
    }
  }

  private static <S extends Segment> Tuple parameters(List<Wanted<S>> wanted) {
    int size = wanted.size();
    Integer[] parts = new Integer[size];
    OffsetDateTime[] starts = new OffsetDateTime[size];
    Long[] ids = new Long[size];
    Integer[] blobs = new Integer[size];
    Integer[] from = new Integer[size];
    Integer[] lengths = new Integer[size];
    // Bounds, so that other days are not looked at.
    OffsetDateTime first = wanted.get(0).of().minTs;
    OffsetDateTime last = first;
    for (int i = 0; i < size; i++) {
      Stored<S> of = wanted.get(i).of();
      Piece piece = wanted.get(i).piece();
      parts[i] = of.part;
      starts[i] = of.minTs;
      ids[i] = of.id;
      blobs[i] = piece.blob();
      from[i] = piece.from();
      lengths[i] = piece.length();
      first = of.minTs.isBefore(first) ? of.minTs : first;
      last = of.minTs.isAfter(last) ? of.minTs : last;
    }
    Tuple parameters = Tuple.tuple();
    for (Object each : new Object[] {parts, starts, ids, blobs, from, lengths, first, last}) {
      parameters.addValue(each);
    }
    return parameters;
  }
}
