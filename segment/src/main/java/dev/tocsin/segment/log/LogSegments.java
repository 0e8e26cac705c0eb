package dev.tocsin.segment.log;

import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.Frames;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.Stream;
import dev.tocsin.segment.core.Fields;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.RowOrder;
import dev.tocsin.segment.core.Source;
import java.util.List;

/**
 * Log records to a segment. Pure; every field, unknown ones included, survives.
 *
 * <p>Blobs of format 2, each a set of {@link Sections}; rows are in the order of {@link RowOrder}:
 *
 * <ul>
 *   <li>{@code meta}: {@code head} (count, earliest time, services with their numbers of rows),
 *       {@code names} (severity texts and event names), {@code resources} and {@code scopes},
 *       {@code rows} and {@code rest} (what no column holds), {@code traces}, {@code trace}, {@code
 *       spans}, {@code span}, and a frame for each few services ({@link Frames}): {@code 0}, {@code
 *       1}, ... with its kinds and a {@link Stream} each of kind, time filed under (delta), time,
 *       observed time, flags, resource, scope
 *   <li>{@code body}: {@code texts} and {@code others} (serialized {@code AnyValue})
 *   <li>{@code attrs}: see {@link AttributeColumns}
 * </ul>
 */
public final class LogSegments {
  /** The format written by this version, stored beside each segment. */
  public static final int FORMAT = 2;

  static final int TIME = Fields.tag(1, Fields.FIXED64);
  static final int OBSERVED = Fields.tag(11, Fields.FIXED64);

  static final int BODY_NONE = 0;
  static final int BODY_TEXT = 1;
  static final int BODY_ANY = 2;

  /** Times are distances from the time filed under, those above 0 moved up by one. */
  static final long TIME_ZERO = 1;

  /**
   * What records of one code path share.
   *
   * @param severityText place in the list of names, as is the event's
   */
  record Kind(int severity, int severityText, int eventName, int body, int shape) {}

  private LogSegments() {}

  /**
   * Encodes records that exist as objects; {@link ItemRows} takes them as bytes.
   *
   * @param items at least one; reordered by service and time
   */
  public static EncodedLogs encode(List<LogItem> items) {
    ItemRows rows = new ItemRows();
    Origin last = null;
    Source source = null;
    for (LogItem item : items) {
      if (source == null || !item.origin().equals(last)) {
        last = item.origin();
        source = Source.of(last);
      }
      byte[] log = item.log().toByteArray();
      rows.add(source, log, 0, log.length, item.nanos());
    }
    return encode(rows);
  }

  /** Encodes log records, at least one. */
  public static EncodedLogs encode(ItemRows logs) {
    return new LogEncoder(logs).encode();
  }

  /** The record's time, else when it was observed, else 0. */
  public static long nanos(byte[] bytes, int from, int to) {
    long time = 0;
    long observed = 0;
    Fields fields = new Fields().over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() == TIME) {
        time = fields.number();
      } else if (fields.tag() == OBSERVED) {
        observed = fields.number();
      }
    }
    return time != 0 ? time : observed;
  }
}
