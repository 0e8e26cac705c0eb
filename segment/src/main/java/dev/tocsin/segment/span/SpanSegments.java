package dev.tocsin.segment.span;

import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.Frames;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.Stream;
import dev.tocsin.segment.column.WideNumbers;
import dev.tocsin.segment.core.Fields;
import dev.tocsin.segment.core.Ids;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.RowOrder;
import dev.tocsin.segment.core.Source;
import java.util.List;

/**
 * Spans to a segment. Pure; every field, unknown ones included, survives.
 *
 * <p>Blobs of format 2, each a set of {@link Sections}; rows are in the order of {@link RowOrder}:
 *
 * <ul>
 *   <li>{@code core}: {@code head} (count, earliest start, services with their numbers of rows),
 *       {@code names} (span names), {@code resources} and {@code scopes}, and a frame for each few
 *       services ({@link Frames}): {@code 0}, {@code 1}, ... with its operations (name, kind,
 *       status, attribute shape) and a {@link Stream} each of operation, start (delta), duration,
 *       flags, resource, scope; {@link WideNumbers} of the times
 *   <li>{@code ids}: see {@link Ids}
 *   <li>{@code attrs}: see {@link AttributeColumns}
 *   <li>{@code events}: {@code rows} and {@code rest}: what no column holds, as protobuf fields, of
 *       the rows that have any
 * </ul>
 */
public final class SpanSegments {
  /** The format written by this version, stored beside each segment. */
  public static final int FORMAT = 2;

  static final int START = Fields.tag(7, Fields.FIXED64);

  /**
   * An operation as stored: what spans of one code path share.
   *
   * @param name place in the list of names
   */
  record Op(int name, int kind, int status, int shape) {
    /** 0 stands for no status at all, so codes from 0 up are moved by one. */
    static int storedStatus(int code) {
      return code < 0 ? code : code + 1;
    }

    boolean hasStatus() {
      return status != 0;
    }

    int statusCode() {
      return status > 0 ? status - 1 : status;
    }
  }

  private SpanSegments() {}

  /**
   * Encodes spans that exist as objects; {@link ItemRows} takes them as bytes.
   *
   * @param items at least one; reordered by service, name and time
   */
  public static EncodedSpans encode(List<SpanItem> items) {
    return encode(items, SpanSink.NONE);
  }

  /** As {@link #encode(List)}; the sink is told of the spans. */
  public static EncodedSpans encode(List<SpanItem> items, SpanSink sink) {
    ItemRows rows = new ItemRows();
    Origin last = null;
    Source source = null;
    for (SpanItem item : items) {
      if (source == null || !item.origin().equals(last)) {
        last = item.origin();
        source = Source.of(last);
      }
      byte[] span = item.span().toByteArray();
      rows.add(source, span, 0, span.length, item.span().getStartTimeUnixNano());
    }
    return encode(rows, sink);
  }

  /** Encodes spans, at least one, filed under their start; the sink is told of each. */
  public static EncodedSpans encode(ItemRows spans, SpanSink sink) {
    return new SpanEncoder(spans, sink).encode();
  }

  /** When the span that is that part of the bytes begins, 0 when it does not say. */
  public static long startNanos(byte[] bytes, int from, int to) {
    long start = 0;
    Fields fields = new Fields().over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() == START) {
        start = fields.number();
      }
    }
    return start;
  }
}
