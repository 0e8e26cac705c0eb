package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stored span segment, read by rows. Columns of numbers are decoded at once; attributes and
 * events when a row asks for them. Not thread-safe.
 */
public final class SpanSegment {
  private static final int SPANS_MAX = 1 << 24;

  private final int count;
  private final OriginColumns.Reader origins;
  private final SpanSegments.Op[] ops;
  private final int[] op;
  private final long[] startNanos;
  private final long[] durationNanos;
  private final int[] flags;
  private final byte[] attrsBlob;
  private final byte[] eventsBlob;
  private final ByteString[] traceIds;
  private final ByteString[] spanIds;
  private final ByteString[] parentIds;
  private final String[] services;
  private AttributeColumns.@Nullable Reader attributes;
  private @Nullable Map<Integer, ByteString> rest;

  /**
   * @param format as stored beside the blobs
   * @throws SegmentFormatException when the blobs are no segment of a known format
   */
  public SpanSegment(int format, byte[] core, byte[] ids, byte[] attrs, byte[] events) {
    if (format != SpanSegments.FORMAT) {
      throw new SegmentFormatException(
          "span segment format " + format + " (expected: " + SpanSegments.FORMAT + ")");
    }
    Sections.Reader sections = new Sections.Reader(core);
    count = sections.section("count").count(SPANS_MAX);
    origins = new OriginColumns.Reader(sections, count);
    ops = readOps(sections.section("ops"));
    op = OriginColumns.indexes(sections.section("op"), count, ops.length);
    startNanos = new long[count];
    durationNanos = new long[count];
    flags = new int[count];
    ColumnReader start = sections.section("start");
    ColumnReader duration = sections.section("duration");
    ColumnReader flag = sections.section("flags");
    long previous = 0;
    for (int row = 0; row < count; row++) {
      previous += start.signed();
      startNanos[row] = previous;
      durationNanos[row] = duration.signed();
      flags[row] = (int) flag.unsigned();
    }
    Sections.Reader idSections = new Sections.Reader(ids);
    traceIds = Ids.readTraces(idSections, count);
    spanIds = Ids.readSpans(idSections.section("span"), count);
    parentIds = Ids.readParents(idSections.section("parent"), spanIds);
    services = new String[count];
    attrsBlob = attrs;
    eventsBlob = events;
    nameServices();
  }

  private static SpanSegments.Op[] readOps(ColumnReader in) {
    SpanSegments.Op[] ops = new SpanSegments.Op[in.count(in.remaining())];
    for (int i = 0; i < ops.length; i++) {
      ops[i] =
          new SpanSegments.Op(
              in.text(), (int) in.signed(), (int) in.signed(), in.count(Integer.MAX_VALUE));
    }
    return ops;
  }

  private void nameServices() {
    Map<Integer, String> names = new HashMap<>();
    for (int row = 0; row < count; row++) {
      int current = row;
      services[row] =
          names.computeIfAbsent(
              origins.resourcePlace(row), place -> Services.name(origins.resource(current)));
    }
  }

  public int count() {
    return count;
  }

  public ByteString traceId(int row) {
    return traceIds[row];
  }

  public ByteString parentId(int row) {
    return parentIds[row];
  }

  public String service(int row) {
    return services[row];
  }

  public String name(int row) {
    return ops[op[row]].name();
  }

  public int kind(int row) {
    return ops[op[row]].kind();
  }

  /** The status code, 0 when the span has no status. */
  public int status(int row) {
    return ops[op[row]].statusCode();
  }

  public long startNanos(int row) {
    return startNanos[row];
  }

  public long durationNanos(int row) {
    return durationNanos[row];
  }

  public List<KeyValue> attributes(int row) {
    AttributeColumns.Reader reader = attributes;
    if (reader == null) {
      int[] shapes = new int[count];
      for (int i = 0; i < count; i++) {
        shapes[i] = ops[op[i]].shape();
      }
      reader = new AttributeColumns.Reader(attrsBlob, shapes);
      attributes = reader;
    }
    return reader.attributes(row);
  }

  /** Where the span of a row came from. */
  public Origin origin(int row) {
    return new Origin(origins.resource(row), origins.scope(row), services[row]);
  }

  /** Attributes of the resource of a row. */
  public List<KeyValue> resourceAttributes(int row) {
    return parseResource(origins.resource(row)).getResource().getAttributesList();
  }

  /** The span as it came. */
  public Span span(int row) {
    SpanSegments.Op operation = ops[op[row]];
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(traceIds[row])
            .setSpanId(spanIds[row])
            .setParentSpanId(parentIds[row])
            .setName(operation.name())
            .setKindValue(operation.kind())
            .setStartTimeUnixNano(startNanos[row])
            .setEndTimeUnixNano(startNanos[row] + durationNanos[row])
            .setFlags(flags[row])
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

  private Map<Integer, ByteString> rest() {
    Map<Integer, ByteString> known = rest;
    if (known == null) {
      known = SparseBytes.read(new Sections.Reader(eventsBlob).section("rest"), count);
      rest = known;
    }
    return known;
  }

  /** The rows as OTLP, grouped by resource and scope. */
  public List<ResourceSpans> resourceSpans(List<Integer> rows) {
    Map<Integer, Map<Integer, ScopeSpans.Builder>> grouped = new HashMap<>();
    Map<Integer, ResourceSpans.Builder> resources = new HashMap<>();
    for (int row : rows) {
      int resource = origins.resourcePlace(row);
      resources.computeIfAbsent(
          resource, place -> parseResource(origins.resource(row)).toBuilder());
      grouped
          .computeIfAbsent(resource, place -> new HashMap<>())
          .computeIfAbsent(origins.scopePlace(row), place -> parseScope(origins.scope(row)))
          .addSpans(span(row));
    }
    List<ResourceSpans> all = new ArrayList<>();
    resources.forEach(
        (place, resource) -> {
          grouped.getOrDefault(place, Map.of()).values().forEach(resource::addScopeSpans);
          all.add(resource.build());
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
