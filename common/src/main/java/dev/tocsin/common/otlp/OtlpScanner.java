package dev.tocsin.common.otlp;

import static dev.tocsin.common.otlp.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.common.otlp.WireCursor.tag;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import org.jspecify.annotations.Nullable;

/**
 * Walks an export request without building objects: checks that every consumer will be able to
 * parse it, down to the last attribute, counts items, and notes where everything lies and what
 * decides its partition. As in protobuf, unknown fields, and known ones with another wire type, are
 * stepped over.
 *
 * <p>One pass, a fraction of the cost of parsing. An instance serves one call of {@link #scan}.
 */
public final class OtlpScanner {
  private static final int FIELD_1 = tag(1, LENGTH_DELIMITED);
  private static final int FIELD_2 = tag(2, LENGTH_DELIMITED);
  private static final int DEPTH_OF_RESOURCE_ITEMS = 1;
  private static final int DEPTH_OF_SCOPE_ITEMS = 2;
  private static final int DEPTH_OF_ENTRY = 3;

  private static final WireSchema RESOURCE = WireSchema.of(Resource.getDescriptor());
  private static final WireSchema SCOPE = WireSchema.of(InstrumentationScope.getDescriptor());
  private static final WireSchema SPAN = WireSchema.of(Span.getDescriptor());
  private static final WireSchema METRIC = WireSchema.of(Metric.getDescriptor());
  private static final WireSchema LOG_RECORD = WireSchema.of(LogRecord.getDescriptor());

  /** What a message holds beside the fields named here: schema URLs. */
  private static final WireSchema RESOURCE_ITEMS = WireSchema.of(ResourceSpans.getDescriptor());

  private static final WireSchema SCOPE_ITEMS = WireSchema.of(ScopeSpans.getDescriptor());

  private final Signal signal;
  private final byte[] bytes;
  private final WireCursor cursor;
  private final OtlpRequest request;

  private OtlpScanner(Signal signal, byte[] bytes) {
    this.signal = signal;
    this.bytes = bytes;
    this.cursor = new WireCursor(bytes, 0);
    this.request = new OtlpRequest(signal, bytes);
  }

  /**
   * @param bytes an Export…ServiceRequest; kept by the answer, so not to be changed any more
   * @throws MalformedOtlpException when they are not
   */
  public static OtlpRequest scan(Signal signal, byte[] bytes) {
    OtlpScanner scanner = new OtlpScanner(signal, bytes);
    scanner.scanRequest();
    return scanner.request;
  }

  private void scanRequest() {
    int end = bytes.length;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        scanResourceItems(cursor.readEnd(end));
      } else {
        cursor.skip(tag, end);
      }
    }
  }

  /** ResourceSpans, ResourceMetrics and ResourceLogs: resource = 1, scope items = 2. */
  private void scanResourceItems(int end) {
    int resource = request.addResource(cursor.position(), end);
    int firstEntry = request.entryCount();
    long hash = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int resourceEnd = cursor.readEnd(end);
        if (signal != Signal.TRACES) {
          hash = OtlpHash.mix(hash ^ OtlpHash.ofBytes(bytes, cursor.position(), resourceEnd));
        }
        RESOURCE.check(cursor, resourceEnd, DEPTH_OF_RESOURCE_ITEMS + 1);
      } else if (tag == FIELD_2) {
        scanScopeItems(resource, cursor.readEnd(end));
      } else {
        RESOURCE_ITEMS.checkField(cursor, tag, end, DEPTH_OF_RESOURCE_ITEMS);
      }
    }
    if (signal != Signal.TRACES) {
      request.setHash(firstEntry, hash);
    }
  }

  /** ScopeSpans, ScopeMetrics and ScopeLogs: scope = 1, entries = 2. */
  private void scanScopeItems(int resource, int end) {
    int scope = request.addScope(resource, cursor.position(), end);
    while (cursor.position() < end) {
      int start = cursor.position();
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        SCOPE.check(cursor, cursor.readEnd(end), DEPTH_OF_ENTRY);
      } else if (tag == FIELD_2) {
        scanEntry(scope, start, cursor.readEnd(end));
      } else {
        SCOPE_ITEMS.checkField(cursor, tag, end, DEPTH_OF_SCOPE_ITEMS);
      }
    }
  }

  private void scanEntry(int scope, int start, int end) {
    switch (signal) {
      case TRACES -> scanSpan(scope, start, end);
      case METRICS -> request.addEntry(scope, start, end, 0, countPoints(end), null);
      case LOGS -> {
        LOG_RECORD.check(cursor, end, DEPTH_OF_ENTRY);
        request.addEntry(scope, start, end, 0, 1, null);
      }
    }
  }

  private void scanSpan(int scope, int start, int end) {
    long traceHigh = 0;
    long traceLow = 0;
    long spanId = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int valueEnd = cursor.readEnd(end);
        boolean whole = valueEnd - cursor.position() == 16;
        traceHigh = whole ? OtlpHash.longAt(bytes, cursor.position()) : 0;
        traceLow = whole ? OtlpHash.longAt(bytes, cursor.position() + 8) : 0;
        cursor.moveTo(valueEnd);
      } else if (tag == FIELD_2) {
        int valueEnd = cursor.readEnd(end);
        boolean whole = valueEnd - cursor.position() == 8;
        spanId = whole ? OtlpHash.longAt(bytes, cursor.position()) : 0;
        cursor.moveTo(valueEnd);
      } else {
        SPAN.checkField(cursor, tag, end, DEPTH_OF_ENTRY);
      }
    }
    Rejection rejection = judge(traceHigh, traceLow, spanId);
    request.addEntry(scope, start, end, OtlpHash.ofTrace(traceHigh, traceLow), 1, rejection);
  }

  private static @Nullable Rejection judge(long traceHigh, long traceLow, long spanId) {
    if ((traceHigh | traceLow) == 0) {
      return Rejection.INVALID_TRACE_ID;
    }
    return spanId == 0 ? Rejection.INVALID_SPAN_ID : null;
  }

  /** Of the Metric at the cursor: all kinds of data keep their points in field 1. */
  private int countPoints(int end) {
    int points = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      WireSchema data = (tag & 7) == LENGTH_DELIMITED ? metricData(tag >>> 3) : null;
      if (data == null) {
        METRIC.checkField(cursor, tag, end, DEPTH_OF_ENTRY);
      } else {
        points += countPointsOf(data, cursor.readEnd(end));
      }
    }
    return points;
  }

  private int countPointsOf(WireSchema data, int end) {
    int points = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      data.checkField(cursor, tag, end, DEPTH_OF_ENTRY + 1);
      points += tag == FIELD_1 ? 1 : 0;
    }
    return points;
  }

  private static @Nullable WireSchema metricData(int field) {
    return switch (field) {
      case Metric.GAUGE_FIELD_NUMBER,
          Metric.SUM_FIELD_NUMBER,
          Metric.HISTOGRAM_FIELD_NUMBER,
          Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER,
          Metric.SUMMARY_FIELD_NUMBER ->
          METRIC.child(field);
      default -> null;
    };
  }
}
