package dev.tocsin.segment.span;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Dictionary;
import dev.tocsin.segment.column.Frames;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SliceDictionary;
import dev.tocsin.segment.column.Stream;
import dev.tocsin.segment.column.WideNumbers;
import dev.tocsin.segment.core.AttributeWriter;
import dev.tocsin.segment.core.Fields;
import dev.tocsin.segment.core.IdWriter;
import dev.tocsin.segment.core.IndexEntries;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.OriginColumns;
import dev.tocsin.segment.core.RowOrder;
import dev.tocsin.segment.index.Tokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One segment being written; see {@link SpanSegments} for the format. */
final class SpanEncoder {
  private static final int TRACE_ID = Fields.tag(1, Fields.LENGTH_DELIMITED);
  private static final int SPAN_ID = Fields.tag(2, Fields.LENGTH_DELIMITED);
  private static final int PARENT_ID = Fields.tag(4, Fields.LENGTH_DELIMITED);
  private static final int NAME = Fields.tag(5, Fields.LENGTH_DELIMITED);
  private static final int KIND = Fields.tag(6, Fields.VARINT);
  private static final int END = Fields.tag(8, Fields.FIXED64);
  private static final int ATTRIBUTE = Fields.tag(9, Fields.LENGTH_DELIMITED);
  private static final int EVENT = Fields.tag(11, Fields.LENGTH_DELIMITED);
  private static final int STATUS = Fields.tag(15, Fields.LENGTH_DELIMITED);
  private static final int FLAGS = Fields.tag(16, Fields.FIXED32);
  private static final int STATUS_CODE = Fields.tag(3, Fields.VARINT);

  private static final SpanSegments.Op NO_OP = new SpanSegments.Op(-1, 0, 0, 0);

  private record Entered(int service, int name, int kind, int status) {}

  private final ItemRows spans;
  private final Fields fields = new Fields();
  private final byte[] bytes;
  private final int count;
  private final Fields status = new Fields();
  private final SliceDictionary names;
  private final int[] nameOf;
  private final RowOrder order;
  private final OriginColumns.Writer origins = new OriginColumns.Writer();
  private final AttributeWriter attributes;
  private final IndexEntries index = new IndexEntries();
  private final IdWriter ids;
  private final ColumnWriter restRows = new ColumnWriter();
  private final ColumnWriter rest = new ColumnWriter();
  private final ColumnWriter restOfRow = new ColumnWriter();
  private final Stream op = new Stream();
  private final Stream start = new Stream();
  private final Stream duration = new Stream();
  private final Stream flags = new Stream();
  private final Stream resource = new Stream();
  private final Stream scope = new Stream();
  private final Set<Entered> entered = new HashSet<>();
  private final long minNanos;
  private final long maxNanos;
  private long maxEndNanos;
  private long previousStart;
  private int previousRest = -1;
  private SpanSegments.Op lastOp = NO_OP;
  private int lastOpIndex;
  private final SpanSink sink;
  private final SpanRow told;

  /** Per column its key when the sink wants it, else empty. */
  private String[] wantedKeys = new String[0];

  SpanEncoder(ItemRows spans, SpanSink sink) {
    this.spans = spans;
    this.sink = sink;
    this.bytes = spans.arena.bytes();
    this.told = new SpanRow(bytes);
    this.count = spans.size();
    this.names = new SliceDictionary(bytes);
    this.nameOf = new int[count];
    this.attributes = new AttributeWriter(bytes);
    this.ids = new IdWriter(bytes, count);
    nameRows();
    this.order = RowOrder.of(spans.sources, nameOf, spans.nanos, count);
    this.minNanos = spans.minNanos();
    this.maxNanos = spans.maxNanos();
    this.maxEndNanos = maxNanos;
  }

  private void nameRows() {
    for (int row = 0; row < count; row++) {
      int from = 0;
      int to = 0;
      ids.begin();
      fields.over(bytes, spans.from[row], spans.to[row]);
      while (fields.next()) {
        if (fields.tag() == NAME) {
          from = fields.from();
          to = fields.to();
        } else if (fields.tag() == TRACE_ID) {
          ids.trace(fields.from(), fields.to());
        }
      }
      nameOf[row] = names.index(from, to);
      ids.endArrival(row);
    }
  }

  EncodedSpans encode() {
    Sections.Writer core = new Sections.Writer();
    List<Frames.Written> frames = new ArrayList<>();
    sink.begin(new SpanNames(bytes, order.frames.services, names, ids.traces()));
    for (int frame = 0; frame < order.frames.count(); frame++) {
      frames.add(frame(frame));
    }
    sink.end();
    ColumnWriter head = new ColumnWriter();
    head.unsigned(count);
    head.signed(minNanos);
    order.frames.addTo(head);
    core.add("head", head);
    core.add("names", names.toColumn());
    origins.addTo(core);
    for (int frame = 0; frame < frames.size(); frame++) {
      frames.get(frame).addTo(core, frame);
    }
    attributes.addTo(index);
    origins.addTo(index);
    Integer[] traceKeys = ids.traceKeys(minNanos, maxNanos, index);
    Sections.Writer events = new Sections.Writer();
    events.add("rows", restRows);
    events.add("rest", rest);
    return new EncodedSpans(
        count,
        minNanos,
        maxNanos,
        maxEndNanos,
        List.of(order.frames.services),
        traceKeys,
        index.tokens().toArray(),
        core.toBytes(),
        ids.toBytes(),
        attributes.toBytes(),
        events.toBytes(),
        index.bloom(),
        spans.unpacked());
  }

  /** The rows of some services, with the operations they name. */
  private Frames.Written frame(int number) {
    Dictionary<SpanSegments.Op> frameOps = new Dictionary<>();
    previousStart = minNanos;
    lastOp = NO_OP;
    int service = order.frames.serviceOf(order.frames.frames[number]);
    for (int at = order.frames.frames[number]; at < order.frames.frames[number + 1]; at++) {
      while (at >= order.frames.firsts[service + 1]) {
        service++;
        lastOp = NO_OP;
      }
      row(at, order.rows[at], service, frameOps);
    }
    ColumnWriter frame = new ColumnWriter();
    frame.unsigned(frameOps.size());
    for (SpanSegments.Op each : frameOps.values()) {
      frame.unsigned(each.name());
      frame.signed(each.kind());
      frame.signed(each.status());
      frame.unsigned(each.shape());
    }
    op.moveTo(frame);
    WideNumbers.Writer wide = new WideNumbers.Writer();
    start.moveTo(frame, wide);
    duration.moveTo(frame, wide);
    flags.moveTo(frame);
    resource.moveTo(frame);
    scope.moveTo(frame);
    return new Frames.Written(frame, wide);
  }

  /** An operation of a service, for the index and the catalogue. */
  private void enter(int service, SpanSegments.Op each) {
    if (!entered.add(new Entered(service, each.name(), each.kind(), each.status()))) {
      return;
    }
    int name = each.name();
    String text = new String(bytes, names.from(name), names.length(name), UTF_8);
    index.tokens().add(Tokens.NAME, text);
    index.tokens().add(Tokens.KIND, Integer.toString(each.kind()));
    index.tokens().add(Tokens.STATUS, Integer.toString(each.statusCode()));
    index.tokens().add(Tokens.SERVICE, order.frames.services[service]);
  }

  private void row(int place, int row, int service, Dictionary<SpanSegments.Op> frameOps) {
    fields.over(bytes, spans.from[row], spans.to[row]);
    int kind = 0;
    int statusValue = 0;
    long end = 0;
    long flagBits = 0;
    restOfRow.clear();
    told.clear();
    while (fields.next()) {
      int tag = fields.tag();
      if (tag == ATTRIBUTE) {
        attribute(fields.from(), fields.to());
      } else if (tag == SPAN_ID) {
        ids.span(fields.from(), fields.to());
        told.spanFrom = fields.from();
        told.spanTo = fields.to();
      } else if (tag == PARENT_ID) {
        ids.parent(fields.from(), fields.to());
        told.parentFrom = fields.from();
        told.parentTo = fields.to();
      } else if (tag == KIND) {
        kind = (int) fields.number();
      } else if (tag == END) {
        end = fields.number();
      } else if (tag == FLAGS) {
        flagBits = fields.number();
      } else if (tag == STATUS) {
        statusValue = status(statusValue);
      } else if (tag != NAME && tag != SpanSegments.START && tag != TRACE_ID) {
        restOfRow.raw(bytes, fields.start(), fields.to());
        if (tag == EVENT) {
          told.event(fields.from(), fields.to());
        }
      }
    }
    ids.end(row);
    int shape = attributes.endItem();
    SpanSegments.Op rowOp = new SpanSegments.Op(nameOf[row], kind, statusValue, shape);
    op.add(opIndex(service, frameOps, rowOp));
    long startNanos = spans.nanos[row];
    tell(row, service, rowOp, startNanos, end);
    start.add(startNanos - previousStart);
    previousStart = startNanos;
    duration.add(end - startNanos);
    maxEndNanos = Math.max(maxEndNanos, end);
    flags.add(flagBits);
    OriginColumns.Place origin = origins.add(spans.sources[row]);
    resource.add(origin.resource());
    scope.add(origin.scope());
    if (restOfRow.size() > 0) {
      restRows.unsigned(place - previousRest);
      previousRest = place;
      rest.unsigned(restOfRow.size());
      rest.raw(restOfRow);
    }
  }

  private void attribute(int from, int to) {
    int column = attributes.add(from, to);
    if (column >= wantedKeys.length) {
      wantedKeys = wantedKeys();
    }
    if (!wantedKeys[column].isEmpty()) {
      told.attribute(wantedKeys[column], attributes.type(), attributes.value());
    }
  }

  private String[] wantedKeys() {
    String[] keys = Arrays.copyOf(wantedKeys, attributes.columns());
    for (int column = wantedKeys.length; column < keys.length; column++) {
      String key = attributes.key(column);
      keys[column] = sink.wants(key) ? key : "";
    }
    return keys;
  }

  private void tell(int row, int service, SpanSegments.Op rowOp, long startNanos, long endNanos) {
    told.service = service;
    told.name = rowOp.name();
    told.kind = rowOp.kind();
    told.status = rowOp.statusCode();
    told.trace = ids.traceOfArrival(row);
    told.startNanos = startNanos;
    told.endNanos = endNanos;
    sink.add(told);
  }

  private int opIndex(int service, Dictionary<SpanSegments.Op> frameOps, SpanSegments.Op wanted) {
    if (!wanted.equals(lastOp)) {
      lastOp = wanted;
      lastOpIndex = frameOps.index(wanted);
      enter(service, wanted);
    }
    return lastOpIndex;
  }

  /** The code goes to the operation; a status with more than a code is kept whole as well. */
  private int status(int before) {
    int code = before > 0 ? before - 1 : before;
    boolean more = false;
    status.over(bytes, fields.from(), fields.to());
    while (status.next()) {
      if (status.tag() == STATUS_CODE) {
        code = (int) status.number();
      } else {
        more = true;
      }
    }
    if (more) {
      restOfRow.raw(bytes, fields.start(), fields.to());
    }
    return SpanSegments.Op.storedStatus(code);
  }
}
