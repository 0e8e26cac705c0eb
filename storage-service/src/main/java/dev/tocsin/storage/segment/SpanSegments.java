package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Spans to a segment. Pure; every field, unknown ones included, survives. */
public final class SpanSegments {
  /** The format written by this version, stored beside each segment. */
  public static final int FORMAT = 1;

  /** An operation as stored: what spans of one code path share. */
  record Op(String name, int kind, int status, int shape) {
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
   * @param items at least one; reordered by service, name and time
   */
  public static EncodedSpans encode(List<SpanItem> items) {
    List<SpanItem> sorted = new ArrayList<>(items);
    sorted.sort(
        Comparator.comparing((SpanItem item) -> item.origin().service())
            .thenComparing(item -> item.span().getName())
            .thenComparingLong(item -> item.span().getStartTimeUnixNano()));
    return new Encoding(sorted).run();
  }

  private static final class Encoding {
    private final List<SpanItem> items;
    private final OriginColumns.Writer origins = new OriginColumns.Writer();
    private final Dictionary<Op> ops = new Dictionary<>();
    private final ColumnWriter op = new ColumnWriter();
    private final ColumnWriter start = new ColumnWriter();
    private final ColumnWriter duration = new ColumnWriter();
    private final ColumnWriter flags = new ColumnWriter();
    private final AttributeColumns.Writer attributes = new AttributeColumns.Writer();
    private final ColumnWriter rest = new ColumnWriter();
    private final Tokens tokens = new Tokens();
    private final Set<EncodedSpans.Operation> operations = new LinkedHashSet<>();
    private long minNanos = Long.MAX_VALUE;
    private long maxNanos = Long.MIN_VALUE;
    private long previousStart;
    private int previousRest = -1;

    Encoding(List<SpanItem> items) {
      this.items = items;
    }

    EncodedSpans run() {
      Set<String> services = new TreeSet<>();
      for (int row = 0; row < items.size(); row++) {
        add(row, items.get(row).origin(), items.get(row).span());
        services.add(items.get(row).origin().service());
      }
      services.forEach(service -> tokens.add(Tokens.SERVICE, service));
      origins.resources().forEach(resource -> tokens.addAll(resourceAttributes(resource)));
      Sections.Writer events = new Sections.Writer();
      events.add("rest", rest);
      return new EncodedSpans(
          items.size(),
          minNanos,
          maxNanos,
          List.copyOf(services),
          traceHashes(),
          tokens.toArray(),
          List.copyOf(operations),
          core(),
          ids(),
          attributes.toBytes(),
          events.toBytes());
    }

    private void add(int row, Origin origin, Span span) {
      origins.add(origin);
      int shape = attributes.add(span.getAttributesList());
      int status = span.hasStatus() ? Op.storedStatus(span.getStatus().getCodeValue()) : 0;
      op.unsigned(ops.index(new Op(span.getName(), span.getKindValue(), status, shape)));
      long startNanos = span.getStartTimeUnixNano();
      start.signed(startNanos - previousStart);
      previousStart = startNanos;
      duration.signed(span.getEndTimeUnixNano() - startNanos);
      flags.unsigned(Integer.toUnsignedLong(span.getFlags()));
      minNanos = Math.min(minNanos, startNanos);
      maxNanos = Math.max(maxNanos, startNanos);
      Span remainder = remainder(span);
      if (remainder.getSerializedSize() > 0) {
        rest.unsigned(row - previousRest);
        rest.bytes(remainder.toByteString());
        previousRest = row;
      }
      tokens.add(Tokens.NAME, span.getName());
      tokens.add(Tokens.KIND, Integer.toString(span.getKindValue()));
      tokens.add(Tokens.STATUS, Integer.toString(span.getStatus().getCodeValue()));
      tokens.addAll(span.getAttributesList());
      operations.add(
          new EncodedSpans.Operation(origin.service(), span.getName(), span.getKindValue()));
    }

    /** What no column holds; merged back over the columns when read. */
    private static Span remainder(Span span) {
      Span.Builder builder =
          Span.newBuilder()
              .setTraceStateBytes(span.getTraceStateBytes())
              .setDroppedAttributesCount(span.getDroppedAttributesCount())
              .addAllEvents(span.getEventsList())
              .setDroppedEventsCount(span.getDroppedEventsCount())
              .addAllLinks(span.getLinksList())
              .setDroppedLinksCount(span.getDroppedLinksCount())
              .setUnknownFields(span.getUnknownFields());
      Status status = span.getStatus();
      if (!status.getMessageBytes().isEmpty() || !status.getUnknownFields().asMap().isEmpty()) {
        builder.setStatus(status);
      }
      return builder.build();
    }

    private byte[] core() {
      Sections.Writer sections = new Sections.Writer();
      ColumnWriter count = new ColumnWriter();
      count.unsigned(items.size());
      sections.add("count", count);
      origins.addTo(sections);
      ColumnWriter opList = new ColumnWriter();
      opList.unsigned(ops.size());
      for (Op each : ops.values()) {
        opList.text(each.name());
        opList.signed(each.kind());
        opList.signed(each.status());
        opList.unsigned(each.shape());
      }
      sections.add("ops", opList);
      sections.add("op", op);
      sections.add("start", start);
      sections.add("duration", duration);
      sections.add("flags", flags);
      return sections.toBytes();
    }

    private byte[] ids() {
      List<ByteString> spanIds = items.stream().map(i -> i.span().getSpanId()).toList();
      List<ByteString> parents = items.stream().map(i -> i.span().getParentSpanId()).toList();
      Sections.Writer sections = new Sections.Writer();
      Ids.writeTraces(sections, items.stream().map(i -> i.span().getTraceId()).toList());
      sections.add("span", Ids.spans(spanIds));
      sections.add("parent", Ids.parents(spanIds, parents));
      return sections.toBytes();
    }

    private Integer[] traceHashes() {
      return items.stream()
          .map(item -> item.span().getTraceId())
          .distinct()
          .map(Hashes::trace)
          .distinct()
          .sorted()
          .toArray(Integer[]::new);
    }
  }

  static List<KeyValue> resourceAttributes(ByteString resource) {
    try {
      return ResourceSpans.parseFrom(resource).getResource().getAttributesList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("origin without a resource: " + e.getMessage(), e);
    }
  }
}
