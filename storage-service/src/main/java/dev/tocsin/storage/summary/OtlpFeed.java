package dev.tocsin.storage.summary;

import dev.tocsin.common.otlp.AttributeText;
import dev.tocsin.storage.segment.SpanItem;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;

/** Tells the summaries of items that are at hand as messages. */
public final class OtlpFeed {
  private OtlpFeed() {}

  public static void tell(SpanItem item, SpanSummarizer summarizer) {
    Span span = item.span();
    for (KeyValue pair : span.getAttributesList()) {
      if (SpanSummarizer.wants(pair.getKey())) {
        summarizer.attribute(pair.getKey(), AttributeText.of(pair.getValue()));
      }
    }
    span.getEventsList().forEach(event -> tell(event, summarizer));
    summarizer.add(
        item.origin().service(),
        span.getTraceId(),
        span.getSpanId(),
        span.getParentSpanId(),
        span.getName(),
        span.getKindValue(),
        span.getStatus().getCodeValue(),
        span.getStartTimeUnixNano(),
        span.getEndTimeUnixNano());
  }

  static void tell(Span.Event event, SpanSummarizer summarizer) {
    if (event.getName().equals(SpanSummarizer.EXCEPTION_EVENT)) {
      List<KeyValue> attributes = event.getAttributesList();
      summarizer.exception(
          value(attributes, ExceptionTable.TYPE),
          value(attributes, ExceptionTable.MESSAGE),
          value(attributes, ExceptionTable.STACK));
    }
  }

  static void tell(String service, long nanos, LogRecord log, ExceptionTable exceptions) {
    List<KeyValue> attributes = log.getAttributesList();
    exceptions.add(
        service,
        nanos,
        log.getTraceId(),
        value(attributes, ExceptionTable.TYPE),
        value(attributes, ExceptionTable.MESSAGE),
        value(attributes, ExceptionTable.STACK));
  }

  private static String value(List<KeyValue> attributes, String key) {
    return attributes.stream()
        .filter(pair -> pair.getKey().equals(key))
        .findFirst()
        .map(pair -> AttributeText.of(pair.getValue()))
        .orElse("");
  }
}
