package dev.tocsin.storage.segment;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Log records to a segment. Pure; every field, unknown ones included, survives. */
public final class LogSegments {
  /** The format written by this version, stored beside each segment. */
  public static final int FORMAT = 1;

  static final int BODY_NONE = 0;
  static final int BODY_TEXT = 1;
  static final int BODY_ANY = 2;

  static final int TIME_SAME = 0;
  static final int TIME_ZERO = 1;
  static final int TIME_OTHER = 2;

  private static final int SEVERITY_MAX = 24;

  /** What records of one code path share. */
  record Kind(int severity, String severityText, String eventName, int body, int shape) {}

  private LogSegments() {}

  /**
   * @param items at least one; reordered by service and time
   */
  public static EncodedLogs encode(List<LogItem> items) {
    List<LogItem> sorted = new ArrayList<>(items);
    sorted.sort(
        Comparator.comparing((LogItem item) -> item.origin().service())
            .thenComparingLong(LogItem::nanos));
    return new Encoding(sorted).run();
  }

  private static final class Encoding {
    private final List<LogItem> items;
    private final OriginColumns.Writer origins = new OriginColumns.Writer();
    private final Dictionary<Kind> kinds = new Dictionary<>();
    private final ColumnWriter kind = new ColumnWriter();
    private final ColumnWriter nanos = new ColumnWriter();
    private final ColumnWriter time = new ColumnWriter();
    private final ColumnWriter observed = new ColumnWriter();
    private final ColumnWriter flags = new ColumnWriter();
    private final AttributeColumns.Writer attributes = new AttributeColumns.Writer();
    private final BytesColumn.Writer texts = new BytesColumn.Writer();
    private final BytesColumn.Writer others = new BytesColumn.Writer();
    private final ColumnWriter rest = new ColumnWriter();
    private final Tokens tokens = new Tokens();
    private final Set<String> words = new HashSet<>();
    private int severityMask;
    private long previousNanos;
    private int previousRest = -1;

    Encoding(List<LogItem> items) {
      this.items = items;
    }

    EncodedLogs run() {
      Set<String> services = new TreeSet<>();
      for (int row = 0; row < items.size(); row++) {
        add(row, items.get(row));
        services.add(items.get(row).origin().service());
      }
      services.forEach(service -> tokens.add(Tokens.SERVICE, service));
      origins
          .resources()
          .forEach(resource -> tokens.addAll(SpanSegments.resourceAttributes(resource)));
      Sections.Writer body = new Sections.Writer();
      body.add("texts", texts.toColumn());
      body.add("others", others.toColumn());
      return new EncodedLogs(
          items.size(),
          items.stream().mapToLong(LogItem::nanos).min().orElseThrow(),
          items.stream().mapToLong(LogItem::nanos).max().orElseThrow(),
          List.copyOf(services),
          severityMask,
          traceHashes(),
          tokens.toArray(),
          TokenBloom.of(words),
          meta(),
          body.toBytes(),
          attributes.toBytes());
    }

    private void add(int row, LogItem item) {
      LogRecord log = item.log();
      origins.add(item.origin());
      int shape = attributes.add(log.getAttributesList());
      int severity = log.getSeverityNumberValue();
      kind.unsigned(
          kinds.index(
              new Kind(severity, log.getSeverityText(), log.getEventName(), addBody(log), shape)));
      severityMask |= severity > 0 && severity <= SEVERITY_MAX ? 1 << severity : 1;
      nanos.signed(item.nanos() - previousNanos);
      previousNanos = item.nanos();
      addTime(time, log.getTimeUnixNano(), item.nanos());
      addTime(observed, log.getObservedTimeUnixNano(), item.nanos());
      flags.unsigned(Integer.toUnsignedLong(log.getFlags()));
      tokens.addAll(log.getAttributesList());
      LogRecord remainder =
          LogRecord.newBuilder()
              .setDroppedAttributesCount(log.getDroppedAttributesCount())
              .setUnknownFields(log.getUnknownFields())
              .build();
      if (remainder.getSerializedSize() > 0) {
        rest.unsigned(row - previousRest);
        rest.bytes(remainder.toByteString());
        previousRest = row;
      }
    }

    private int addBody(LogRecord log) {
      if (!log.hasBody()) {
        return BODY_NONE;
      }
      AnyValue body = log.getBody();
      words.addAll(TextTokens.of(TextTokens.text(body)));
      if (body.hasStringValue() && body.getUnknownFields().asMap().isEmpty()) {
        texts.add(body.getStringValueBytes());
        return BODY_TEXT;
      }
      others.add(body.toByteString());
      return BODY_ANY;
    }

    private static void addTime(ColumnWriter column, long value, long nanos) {
      if (value == nanos) {
        column.unsigned(TIME_SAME);
      } else if (value == 0) {
        column.unsigned(TIME_ZERO);
      } else {
        column.unsigned(TIME_OTHER);
        column.signed(value - nanos);
      }
    }

    private byte[] meta() {
      Sections.Writer sections = new Sections.Writer();
      ColumnWriter count = new ColumnWriter();
      count.unsigned(items.size());
      sections.add("count", count);
      origins.addTo(sections);
      ColumnWriter kindList = new ColumnWriter();
      kindList.unsigned(kinds.size());
      for (Kind each : kinds.values()) {
        kindList.signed(each.severity());
        kindList.text(each.severityText());
        kindList.text(each.eventName());
        kindList.unsigned(each.body());
        kindList.unsigned(each.shape());
      }
      sections.add("kinds", kindList);
      sections.add("kind", kind);
      sections.add("nanos", nanos);
      sections.add("time", time);
      sections.add("observed", observed);
      sections.add("flags", flags);
      sections.add("rest", rest);
      Ids.writeTraces(sections, items.stream().map(i -> i.log().getTraceId()).toList());
      sections.add("span", Ids.spans(items.stream().map(i -> i.log().getSpanId()).toList()));
      return sections.toBytes();
    }

    private Integer[] traceHashes() {
      return items.stream()
          .map(item -> item.log().getTraceId())
          .filter(id -> !id.isEmpty())
          .distinct()
          .map(Hashes::trace)
          .distinct()
          .sorted()
          .toArray(Integer[]::new);
    }
  }
}
