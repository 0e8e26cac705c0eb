package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A stored span segment, read by rows. A service's rows are contiguous; those of a few services are
 * decoded when the first of them is asked for; ids, attributes and events when any row asks for
 * them, so a blob that is not asked for may be empty. Not thread-safe.
 */
public final class SpanSegment {
  private static final int SPANS_MAX = 1 << 24;

  private final int count;
  private final long baseNanos;
  private final Sections.Reader core;
  private final Frames frames;
  private final String[] names;
  private final OriginColumns.Reader origins;
  private final SpanSegments.Op[] @Nullable [] ops;
  private final int[] op;
  private final long[] startNanos;
  private final long[] durationNanos;
  private final long[] flags;
  private final int[] resource;
  private final int[] scope;
  private final byte[] idsBlob;
  private final byte[] attrsBlob;
  private final byte[] eventsBlob;
  private Sections.@Nullable Reader idSections;
  private Ids.@Nullable Traces traces;
  private ByteString @Nullable [] spanIds;
  private ByteString @Nullable [] parentIds;
  private @Nullable BitSet roots;
  private AttributeColumns.@Nullable Reader attributes;
  private @Nullable SparseBytes rest;
  private final Map<Integer, List<KeyValue>> resourceAttributes = new HashMap<>();

  /**
   * @param format as stored beside the blobs
   * @throws SegmentFormatException when the blobs are no segment of a known format
   */
  public SpanSegment(int format, byte[] core, byte[] ids, byte[] attrs, byte[] events) {
    if (format != SpanSegments.FORMAT) {
      throw new SegmentFormatException(
          "span segment format " + format + " (expected: " + SpanSegments.FORMAT + ")");
    }
    this.core = new Sections.Reader(core);
    ColumnReader head = this.core.section("head");
    count = head.count(SPANS_MAX);
    baseNanos = head.signed();
    frames = Frames.read(head, count);
    names = names(this.core.section("names"));
    origins = new OriginColumns.Reader(this.core);
    ops = new SpanSegments.Op[frames.count()][];
    op = new int[count];
    startNanos = new long[count];
    durationNanos = new long[count];
    flags = new long[count];
    resource = new int[count];
    scope = new int[count];
    idsBlob = ids;
    attrsBlob = attrs;
    eventsBlob = events;
  }

  private static String[] names(ColumnReader in) {
    String[] names = new String[in.count(in.remaining())];
    for (int i = 0; i < names.length; i++) {
      names[i] = in.text();
    }
    return names;
  }

  /** The operations of the row's frame, which is decoded by then. */
  private SpanSegments.Op[] frameOf(int row) {
    int frame = frames.of(row);
    SpanSegments.Op[] known = ops[frame];
    return known == null ? decode(frame) : known;
  }

  private SpanSegments.Op[] decode(int frame) {
    String name = Integer.toString(frame);
    ColumnReader in = core.section(name);
    WideNumbers.Reader wide = new WideNumbers.Reader(core, name);
    SpanSegments.Op[] list = new SpanSegments.Op[in.count(in.remaining())];
    for (int i = 0; i < list.length; i++) {
      list[i] =
          new SpanSegments.Op(
              in.index(names.length),
              (int) in.signed(),
              (int) in.signed(),
              in.count(Integer.MAX_VALUE));
    }
    int from = frames.frames[frame];
    int to = frames.frames[frame + 1];
    Stream.read(in, wide, op, from, to, list.length);
    Stream.read(in, wide, startNanos, from, to);
    long start = baseNanos;
    for (int row = from; row < to; row++) {
      start += startNanos[row];
      startNanos[row] = start;
    }
    Stream.read(in, wide, durationNanos, from, to);
    Stream.read(in, wide, flags, from, to);
    Stream.read(in, wide, resource, from, to, Integer.MAX_VALUE);
    Stream.read(in, wide, scope, from, to, Integer.MAX_VALUE);
    ops[frame] = list;
    return list;
  }

  private SpanSegments.Op op(int row) {
    return frameOf(row)[op[row]];
  }

  public int count() {
    return count;
  }

  /** Services in the segment, ascending. */
  public List<String> services() {
    return List.of(frames.services);
  }

  /** The first row of a service's; its rows are contiguous. 0 when it has none. */
  public int firstRow(String service) {
    int frame = frames.find(service);
    return frame < 0 ? 0 : frames.firsts[frame];
  }

  /** The row after the last of a service's; equal to {@link #firstRow} when it has none. */
  public int endRow(String service) {
    int frame = frames.find(service);
    return frame < 0 ? 0 : frames.firsts[frame + 1];
  }

  /** The rows of a service, the newest first; decodes little more than these. */
  public int[] newestFirst(String service) {
    return IntStream.range(firstRow(service), endRow(service))
        .boxed()
        .sorted((a, b) -> Long.compare(startNanos(b), startNanos(a)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The rows of a trace, ascending; decodes only trace ids. */
  public int[] rowsOfTrace(ByteString traceId) {
    return traces().rows(traceId);
  }

  /**
   * Rows whose span or resource has the attribute with that value, as text. Decodes only the
   * columns of that key.
   */
  public BitSet rowsWith(String key, String value) {
    BitSet rows = attributes().itemsWith(key, value);
    Map<Integer, Boolean> byResource = new HashMap<>();
    for (int row = 0; row < count; row++) {
      int current = row;
      SpanSegments.Op[] unused = frameOf(row);
      if (byResource.computeIfAbsent(resource[row], place -> resourceHas(current, key, value))) {
        rows.set(row);
      }
    }
    return rows;
  }

  private boolean resourceHas(int row, String key, String value) {
    return resourceAttributes(row).stream()
        .anyMatch(pair -> pair.getKey().equals(key) && Tokens.text(pair.getValue()).equals(value));
  }

  private Sections.Reader idSections() {
    Sections.Reader known = idSections;
    if (known == null) {
      known = new Sections.Reader(idsBlob);
      idSections = known;
    }
    return known;
  }

  private Ids.Traces traces() {
    Ids.Traces known = traces;
    if (known == null) {
      known = Ids.Traces.byTime(idSections(), count);
      traces = known;
    }
    return known;
  }

  public ByteString traceId(int row) {
    return traces().get(row);
  }

  public ByteString spanId(int row) {
    return spanIds()[row];
  }

  private ByteString[] spanIds() {
    ByteString[] known = spanIds;
    if (known == null) {
      known = Ids.readSpans(idSections().section("span"), count);
      spanIds = known;
    }
    return known;
  }

  public ByteString parentId(int row) {
    ByteString[] known = parentIds;
    if (known == null) {
      known = Ids.readParents(idSections().section("parent"), traces(), spanIds());
      parentIds = known;
    }
    return known[row];
  }

  /** Whether the span of a row has no parent; decodes no ids. */
  public boolean isRoot(int row) {
    BitSet known = roots;
    if (known == null) {
      known = Ids.readRoots(idSections().section("parent"), count);
      roots = known;
    }
    return known.get(row);
  }

  public String service(int row) {
    return frames.services[frames.serviceOf(row)];
  }

  public String name(int row) {
    return names[op(row).name()];
  }

  public int kind(int row) {
    return op(row).kind();
  }

  /** The status code, 0 when the span has no status. */
  public int status(int row) {
    return op(row).statusCode();
  }

  public long startNanos(int row) {
    SpanSegments.Op[] unused = frameOf(row);
    return startNanos[row];
  }

  public long durationNanos(int row) {
    SpanSegments.Op[] unused = frameOf(row);
    return durationNanos[row];
  }

  public List<KeyValue> attributes(int row) {
    return attributes().attributes(row);
  }

  private AttributeColumns.Reader attributes() {
    AttributeColumns.Reader reader = attributes;
    if (reader == null) {
      int[] shapes = new int[count];
      for (int row = 0; row < count; row++) {
        shapes[row] = op(row).shape();
      }
      reader = new AttributeColumns.Reader(attrsBlob, shapes);
      attributes = reader;
    }
    return reader;
  }

  /** Where the span of a row came from. */
  public Origin origin(int row) {
    SpanSegments.Op[] unused = frameOf(row);
    return new Origin(origins.resource(resource[row]), origins.scope(scope[row]), service(row));
  }

  /** Attributes of the resource of a row. */
  public List<KeyValue> resourceAttributes(int row) {
    SpanSegments.Op[] unused = frameOf(row);
    return resourceAttributes.computeIfAbsent(
        resource[row],
        place -> parseResource(origins.resource(place)).getResource().getAttributesList());
  }

  /** The span as it came. */
  public Span span(int row) {
    SpanSegments.Op operation = op(row);
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(traceId(row))
            .setSpanId(spanId(row))
            .setParentSpanId(parentId(row))
            .setName(names[operation.name()])
            .setKindValue(operation.kind())
            .setStartTimeUnixNano(startNanos[row])
            .setEndTimeUnixNano(startNanos[row] + durationNanos[row])
            .setFlags((int) flags[row])
            .addAllAttributes(attributes(row));
    if (operation.hasStatus()) {
      span.getStatusBuilder().setCodeValue(operation.statusCode());
    }
    ByteString remainder = rest().get(row);
    try {
      return remainder == null ? span.build() : span.mergeFrom(remainder).build();
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored span: " + e.getMessage(), e);
    }
  }

  private SparseBytes rest() {
    SparseBytes known = rest;
    if (known == null) {
      known = new SparseBytes(new Sections.Reader(eventsBlob), count);
      rest = known;
    }
    return known;
  }

  /** The rows as OTLP, grouped by resource and scope. */
  public List<ResourceSpans> resourceSpans(List<Integer> rows) {
    Map<Integer, Map<Integer, ScopeSpans.Builder>> grouped = new HashMap<>();
    Map<Integer, ResourceSpans.Builder> resources = new HashMap<>();
    for (int row : rows) {
      Span span = span(row);
      resources.computeIfAbsent(
          resource[row], place -> parseResource(origins.resource(place)).toBuilder());
      grouped
          .computeIfAbsent(resource[row], place -> new HashMap<>())
          .computeIfAbsent(scope[row], place -> parseScope(origins.scope(place)))
          .addSpans(span);
    }
    List<ResourceSpans> all = new ArrayList<>();
    resources.forEach(
        (place, each) -> {
          grouped.getOrDefault(place, Map.of()).values().forEach(each::addScopeSpans);
          all.add(each.build());
        });
    return all;
  }

  private static ResourceSpans parseResource(ByteString bytes) {
    try {
      return ResourceSpans.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }

  private static ScopeSpans.Builder parseScope(ByteString bytes) {
    try {
      return ScopeSpans.parseFrom(bytes).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored scope: " + e.getMessage(), e);
    }
  }
}
