package dev.tocsin.segment.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.column.BytesColumn;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Dictionary;
import dev.tocsin.segment.column.Frames;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
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
import dev.tocsin.segment.index.TextTokens;
import dev.tocsin.segment.index.Tokens;
import io.opentelemetry.proto.common.v1.AnyValue;
import java.util.ArrayList;
import java.util.List;

/** One segment being written; see {@link LogSegments} for the format. */
final class LogEncoder {
  private static final int SEVERITY = Fields.tag(2, Fields.VARINT);
  private static final int SEVERITY_TEXT = Fields.tag(3, Fields.LENGTH_DELIMITED);
  private static final int BODY = Fields.tag(5, Fields.LENGTH_DELIMITED);
  private static final int ATTRIBUTE = Fields.tag(6, Fields.LENGTH_DELIMITED);
  private static final int FLAGS = Fields.tag(8, Fields.FIXED32);
  private static final int TRACE_ID = Fields.tag(9, Fields.LENGTH_DELIMITED);
  private static final int SPAN_ID = Fields.tag(10, Fields.LENGTH_DELIMITED);
  private static final int EVENT_NAME = Fields.tag(12, Fields.LENGTH_DELIMITED);
  private static final int TEXT_VALUE = Fields.tag(1, Fields.LENGTH_DELIMITED);
  private static final int SEVERITY_MAX = 24;

  private final ItemRows logs;
  private final byte[] bytes;
  private final int count;
  private final Fields fields = new Fields();
  private final Fields value = new Fields();
  private final SliceDictionary names;
  private final RowOrder order;
  private final OriginColumns.Writer origins = new OriginColumns.Writer();
  private final AttributeWriter attributes;
  private final IndexEntries index = new IndexEntries();
  private final IdWriter ids;
  private final BytesColumn.Writer texts;
  private final BytesColumn.Writer others;
  private final ColumnWriter restRows = new ColumnWriter();
  private final ColumnWriter rest = new ColumnWriter();
  private final ColumnWriter restOfRow = new ColumnWriter();
  private final Stream kind = new Stream();
  private final Stream nanos = new Stream();
  private final Stream time = new Stream();
  private final Stream observed = new Stream();
  private final Stream flags = new Stream();
  private final Stream resource = new Stream();
  private final Stream scope = new Stream();
  private final long minNanos;
  private final long maxNanos;
  private int severityMask;
  private long previousNanos;
  private int previousRest = -1;

  LogEncoder(ItemRows logs) {
    this.logs = logs;
    this.bytes = logs.arena.bytes();
    this.count = logs.size();
    this.names = new SliceDictionary(bytes);
    this.attributes = new AttributeWriter(bytes);
    this.ids = new IdWriter(bytes, count);
    this.texts = new BytesColumn.Writer(bytes);
    this.others = new BytesColumn.Writer(bytes);
    this.order = RowOrder.of(logs.sources, new int[count], logs.nanos, count);
    this.minNanos = logs.minNanos();
    this.maxNanos = logs.maxNanos();
  }

  EncodedLogs encode() {
    Sections.Writer meta = new Sections.Writer();
    List<Frames.Written> frames = new ArrayList<>();
    ColumnWriter head = new ColumnWriter();
    head.unsigned(count);
    head.signed(minNanos);
    order.frames.addTo(head);
    for (int frame = 0; frame < order.frames.count(); frame++) {
      frames.add(frame(frame));
    }
    for (String service : order.frames.services) {
      index.tokens().add(Tokens.SERVICE, service);
    }
    meta.add("head", head);
    meta.add("names", names.toColumn());
    origins.addTo(meta);
    meta.add("rows", restRows);
    meta.add("rest", rest);
    ids.addTracesTo(meta);
    ids.addRepeatedSpansTo(meta);
    for (int frame = 0; frame < frames.size(); frame++) {
      frames.get(frame).addTo(meta, frame);
    }
    attributes.addTo(index);
    origins.addTo(index);
    Sections.Writer body = new Sections.Writer();
    texts.addTo(body, "texts");
    others.addTo(body, "others");
    return new EncodedLogs(
        count,
        minNanos,
        maxNanos,
        List.of(order.frames.services),
        severityMask,
        ids.traceKeys(minNanos, maxNanos, index),
        index.tokens().toArray(),
        index.bloom(),
        meta.toBytes(),
        body.toBytes(),
        attributes.toBytes(),
        logs.unpacked());
  }

  private Frames.Written frame(int number) {
    Dictionary<LogSegments.Kind> kinds = new Dictionary<>();
    previousNanos = minNanos;
    for (int at = order.frames.frames[number]; at < order.frames.frames[number + 1]; at++) {
      row(at, order.rows[at], kinds);
    }
    ColumnWriter frame = new ColumnWriter();
    frame.unsigned(kinds.size());
    for (LogSegments.Kind each : kinds.values()) {
      frame.signed(each.severity());
      frame.unsigned(each.severityText());
      frame.unsigned(each.eventName());
      frame.unsigned(each.body());
      frame.unsigned(each.shape());
    }
    kind.moveTo(frame);
    WideNumbers.Writer wide = new WideNumbers.Writer();
    nanos.moveTo(frame, wide);
    time.moveTo(frame, wide);
    observed.moveTo(frame, wide);
    flags.moveTo(frame);
    resource.moveTo(frame);
    scope.moveTo(frame);
    return new Frames.Written(frame, wide);
  }

  private void row(int place, int row, Dictionary<LogSegments.Kind> kinds) {
    fields.over(bytes, logs.from[row], logs.to[row]);
    int severity = 0;
    int severityText = names.index(0, 0);
    int eventName = severityText;
    long timeNanos = 0;
    long observedNanos = 0;
    long flagBits = 0;
    int bodies = 0;
    int bodyFrom = 0;
    int bodyTo = 0;
    restOfRow.clear();
    ids.begin();
    while (fields.next()) {
      int tag = fields.tag();
      if (tag == ATTRIBUTE) {
        attributes.add(fields.from(), fields.to());
      } else if (tag == BODY) {
        bodies++;
        bodyFrom = fields.from();
        bodyTo = fields.to();
      } else if (tag == TRACE_ID) {
        ids.trace(fields.from(), fields.to());
      } else if (tag == SPAN_ID) {
        ids.span(fields.from(), fields.to());
      } else if (tag == SEVERITY) {
        severity = (int) fields.number();
      } else if (tag == SEVERITY_TEXT) {
        severityText = names.index(fields.from(), fields.to());
      } else if (tag == EVENT_NAME) {
        eventName = names.index(fields.from(), fields.to());
      } else if (tag == LogSegments.TIME) {
        timeNanos = fields.number();
      } else if (tag == LogSegments.OBSERVED) {
        observedNanos = fields.number();
      } else if (tag == FLAGS) {
        flagBits = fields.number();
      } else {
        restOfRow.raw(bytes, fields.start(), fields.to());
      }
    }
    ids.end();
    long filed = logs.nanos[row];
    int body = bodies == 1 ? body(bodyFrom, bodyTo) : LogSegments.BODY_NONE;
    if (bodies > 1) {
      keepAll(BODY, row);
    }
    nanos.add(filed - previousNanos);
    previousNanos = filed;
    addTime(time, timeNanos, filed, LogSegments.TIME, row);
    addTime(observed, observedNanos, filed, LogSegments.OBSERVED, row);
    flags.add(flagBits);
    int shape = attributes.endItem();
    kind.add(kinds.index(new LogSegments.Kind(severity, severityText, eventName, body, shape)));
    severityMask |= severity > 0 && severity <= SEVERITY_MAX ? 1 << severity : 1;
    OriginColumns.Place origin = origins.add(logs.sources[row]);
    resource.add(origin.resource());
    scope.add(origin.scope());
    if (restOfRow.size() > 0) {
      restRows.unsigned(place - previousRest);
      previousRest = place;
      rest.unsigned(restOfRow.size());
      rest.raw(restOfRow);
    }
  }

  /** Fields no column can hold as they are: they are merged over the columns when read. */
  private void keepAll(int tag, int row) {
    fields.over(bytes, logs.from[row], logs.to[row]);
    while (fields.next()) {
      if (fields.tag() == tag) {
        restOfRow.raw(bytes, fields.start(), fields.to());
      }
    }
  }

  private void addTime(Stream stream, long value, long filed, int tag, int row) {
    long difference = value - filed;
    if (value == 0) {
      stream.add(LogSegments.TIME_ZERO);
    } else if (difference == Long.MAX_VALUE || difference == Long.MIN_VALUE) {
      stream.add(LogSegments.TIME_ZERO);
      keepAll(tag, row);
    } else {
      stream.add(difference > 0 ? difference + 1 : difference);
    }
  }

  private int body(int from, int to) {
    value.over(bytes, from, to);
    if (value.next() && value.tag() == TEXT_VALUE && value.to() == to) {
      texts.add(value.from(), to);
      TextTokens.forEach(bytes, value.from(), to, index::mark);
      return LogSegments.BODY_TEXT;
    }
    others.add(from, to);
    try {
      AnyValue parsed = AnyValue.parseFrom(ByteString.copyFrom(bytes, from, to - from));
      byte[] text = TextTokens.text(parsed).getBytes(UTF_8);
      TextTokens.forEach(text, 0, text.length, index::mark);
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("a log body: " + e.getMessage(), e);
    }
    return LogSegments.BODY_ANY;
  }
}
