package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.FIXED64;
import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Walks an export request without building objects: checks that every consumer will be able to
 * parse it, down to the last attribute, counts and judges items, and notes where everything lies,
 * what decides its partition and how much {@link Memory} it will take. As in protobuf, unknown
 * fields, and known ones with another wire type, are stepped over.
 *
 * <p>One pass, a fraction of the cost of parsing. An instance serves one call of {@link #scan}.
 */
public final class OtlpScanner {
  private static final int FIELD_1 = tag(1, LENGTH_DELIMITED);
  private static final int FIELD_2 = tag(2, LENGTH_DELIMITED);

  private static final int SPAN_START = tag(Span.START_TIME_UNIX_NANO_FIELD_NUMBER, FIXED64);
  private static final int SPAN_END = tag(Span.END_TIME_UNIX_NANO_FIELD_NUMBER, FIXED64);
  private static final int LOG_TIME = tag(LogRecord.TIME_UNIX_NANO_FIELD_NUMBER, FIXED64);
  private static final int LOG_OBSERVED =
      tag(LogRecord.OBSERVED_TIME_UNIX_NANO_FIELD_NUMBER, FIXED64);

  private static final int DEPTH_OF_RESOURCE_ITEMS = 1;
  private static final int DEPTH_OF_SCOPE_ITEMS = 2;
  private static final int DEPTH_OF_ENTRY = 3;

  private static final WireSchema RESOURCE = WireSchema.of(Resource.getDescriptor());
  private static final WireSchema SCOPE = WireSchema.of(InstrumentationScope.getDescriptor());
  private static final WireSchema SPAN = WireSchema.of(Span.getDescriptor());
  private static final WireSchema LOG_RECORD = WireSchema.of(LogRecord.getDescriptor());
  private static final WireSchema PROFILE = WireSchema.of(Profile.getDescriptor());
  private static final WireSchema PROFILES_DICTIONARY =
      WireSchema.of(ProfilesDictionary.getDescriptor());

  private static final WireSchema REQUEST =
      WireSchema.of(ExportTraceServiceRequest.getDescriptor());

  /** What a message holds beside the fields named here: schema URLs. */
  private static final WireSchema RESOURCE_ITEMS = WireSchema.of(ResourceSpans.getDescriptor());

  private static final WireSchema SCOPE_ITEMS = WireSchema.of(ScopeSpans.getDescriptor());

  private final Signal signal;
  private final byte[] bytes;
  private final WireCursor cursor;
  private final MetricScanner metrics;
  private final ItemLimits limits;
  private final OtlpRequest request;
  private String unknownField = "";

  /** Of the resource that is walked. */
  private LabelCheck labels;

  private OtlpScanner(Signal signal, byte[] bytes, ItemLimits limits) {
    this.signal = signal;
    this.bytes = bytes;
    this.limits = limits;
    this.cursor = new WireCursor(bytes, 0);
    this.metrics = new MetricScanner(cursor, limits);
    this.request = new OtlpRequest(signal, bytes, limits);
    this.labels = new LabelCheck(null, bytes, 0, 0);
  }

  /** As the other, for what was accepted before: everything may be stored. */
  public static OtlpRequest scan(Signal signal, byte[] bytes) {
    return scan(signal, bytes, ItemLimits.NONE);
  }

  /**
   * @param bytes an Export…ServiceRequest; kept by the answer, so not to be changed any more
   * @param limits items outside of them are rejected
   * @throws MalformedOtlpException when they are not, or have over {@link OtlpRequest#PARTS_MAX}
   *     resources, scopes and items
   */
  public static OtlpRequest scan(Signal signal, byte[] bytes, ItemLimits limits) {
    OtlpScanner scanner = new OtlpScanner(signal, bytes, limits);
    scanner.scanRequest();
    int parts = scanner.request.parts();
    if (parts > OtlpRequest.PARTS_MAX) {
      throw new MalformedOtlpException(
          0,
          parts
              + " resources, scopes and items in one request (expected: at most "
              + OtlpRequest.PARTS_MAX
              + ")");
    }
    scanner.warn();
    return scanner.request;
  }

  private void warn() {
    if (signal != Signal.PROFILES && cursor.stringIndexSeen()) {
      request.warn(Warning.STRING_INDEX, "");
    }
    if (!cursor.unknownEnums().isEmpty()) {
      String fields =
          cursor.unknownEnums().entrySet().stream()
              .map(field -> field.getKey() + " " + field.getValue())
              .collect(Collectors.joining(", "));
      request.warn(Warning.UNKNOWN_ENUM, fields);
    }
    if (request.items() == 0 && !unknownField.isEmpty()) {
      request.warn(Warning.NOTHING_FOUND, unknownField + " is not known");
    }
  }

  /** What lies around items, where older and other requests differ. */
  private void noteUnknown(WireSchema around, int tag) {
    if (unknownField.isEmpty() && !around.knows(tag)) {
      unknownField = around.name(tag);
    }
  }

  private void scanRequest() {
    int end = bytes.length;
    long inResources = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        long before = cursor.memory();
        scanResourceItems(cursor.readEnd(end));
        inResources += cursor.memory() - before;
      } else if (tag == FIELD_2 && signal == Signal.PROFILES) {
        PROFILES_DICTIONARY.check(cursor, cursor.readEnd(end), DEPTH_OF_RESOURCE_ITEMS);
      } else {
        noteUnknown(REQUEST, tag);
        cursor.skipUnknown(tag, end, 0);
      }
    }
    request.end(cursor.memory() - inResources);
  }

  /** ResourceSpans, and the same of the other signals: resource = 1, scope items = 2. */
  private void scanResourceItems(int end) {
    int resource = request.addResource(cursor.position(), end);
    if (signal == Signal.METRICS) {
      labels = new LabelCheck(limits.labels(), bytes, cursor.position(), end);
    }
    int firstEntry = request.entryCount();
    long hash = 0;
    int identity = 0;
    long before = cursor.memory();
    long inScopes = 0;
    RESOURCE_ITEMS.hold(cursor, end);
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int resourceEnd = cursor.readEnd(end);
        if (signal != Signal.TRACES) {
          hash = OtlpHash.mix(hash ^ OtlpHash.ofBytes(bytes, cursor.position(), resourceEnd));
        }
        if (signal == Signal.METRICS) {
          identity += SeriesIdentity.length(limits.labels(), bytes, cursor.position(), resourceEnd);
        }
        RESOURCE.check(cursor, resourceEnd, DEPTH_OF_RESOURCE_ITEMS + 1);
      } else if (tag == FIELD_2) {
        long beforeScope = cursor.memory();
        scanScopeItems(resource, cursor.readEnd(end));
        inScopes += cursor.memory() - beforeScope;
      } else {
        noteUnknown(RESOURCE_ITEMS, tag);
        RESOURCE_ITEMS.checkField(cursor, tag, end, DEPTH_OF_RESOURCE_ITEMS);
      }
    }
    if (signal != Signal.TRACES) {
      request.setHash(firstEntry, hash);
    }
    request.endResource(resource, firstEntry, identity, cursor.memory() - before - inScopes);
  }

  /** ScopeSpans, and the same of the other signals: scope = 1, entries = 2. */
  private void scanScopeItems(int resource, int end) {
    int scope = request.addScope(resource, cursor.position(), end);
    long before = cursor.memory();
    long inEntries = 0;
    SCOPE_ITEMS.hold(cursor, end);
    while (cursor.position() < end) {
      int start = cursor.position();
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        SCOPE.check(cursor, cursor.readEnd(end), DEPTH_OF_ENTRY);
      } else if (tag == FIELD_2) {
        long beforeEntry = cursor.memory();
        scanEntry(scope, start, cursor.readEnd(end));
        inEntries += cursor.memory() - beforeEntry;
      } else {
        noteUnknown(SCOPE_ITEMS, tag);
        SCOPE_ITEMS.checkField(cursor, tag, end, DEPTH_OF_SCOPE_ITEMS);
      }
    }
    request.endScope(scope, cursor.memory() - before - inEntries);
  }

  private void scanEntry(int scope, int start, int end) {
    long before = cursor.memory();
    switch (signal) {
      case TRACES -> scanSpan(scope, start, end);
      case METRICS -> {
        metrics.scan(end);
        metrics.report(request, scope);
        if (metrics.keptCount() > 0
            && labels.isDoubtful(metrics.labelBytesMax(), metrics.nameBytes())) {
          checkLabels(scope, start, end);
        }
        request.addEntry(
            scope,
            start,
            end,
            0,
            metrics.pointCount(),
            metrics.keptCount(),
            cursor.memory() - before);
      }
      case LOGS -> scanLogRecord(scope, start, end);
      case PROFILES -> {
        PROFILE.check(cursor, end, DEPTH_OF_ENTRY);
        request.addEntry(scope, start, end, 0, 1, 1, cursor.memory() - before);
      }
    }
  }

  /** The few metrics whose labels might be too long are looked at point by point. */
  private void checkLabels(int scope, int start, int end) {
    int tooLong = MetricCutter.countTooLong(bytes, limits, labels, start, end);
    if (tooLong > 0) {
      metrics.rejectLabels(tooLong);
      request.rejectLabels(
          tooLong,
          labels.expected(),
          "a point of %d bytes, of a metric whose name has %d"
              .formatted(metrics.labelBytesMax(), metrics.nameBytes()),
          scope);
    }
  }

  private void scanSpan(int scope, int start, int end) {
    long traceHigh = 0;
    long traceLow = 0;
    long spanId = 0;
    long startNanos = 0;
    long endNanos = 0;
    long before = cursor.memory();
    SPAN.hold(cursor, end);
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int valueEnd = cursor.readEnd(end);
        boolean whole = valueEnd - cursor.position() == 16;
        traceHigh = whole ? OtlpHash.longAt(bytes, cursor.position()) : 0;
        traceLow = whole ? OtlpHash.longAt(bytes, cursor.position() + 8) : 0;
        cursor.hold(Memory.TEXT + valueEnd - cursor.position());
        cursor.moveTo(valueEnd);
      } else if (tag == FIELD_2) {
        int valueEnd = cursor.readEnd(end);
        boolean whole = valueEnd - cursor.position() == 8;
        spanId = whole ? OtlpHash.longAt(bytes, cursor.position()) : 0;
        cursor.hold(Memory.TEXT + valueEnd - cursor.position());
        cursor.moveTo(valueEnd);
      } else if (tag == SPAN_START) {
        startNanos = cursor.readFixed64(end);
      } else if (tag == SPAN_END) {
        endNanos = cursor.readFixed64(end);
      } else {
        SPAN.checkField(cursor, tag, end, DEPTH_OF_ENTRY);
      }
    }
    Rejection rejection = judge(traceHigh, traceLow, spanId);
    if (rejection != null) {
      request.reject(rejection, 1);
    } else if (limits.excludes(startNanos)) {
      rejection = Rejection.TIME_OUTSIDE;
      request.rejectTime(rejection, 1, startNanos, scope);
    } else if (endNanos != 0 && limits.excludes(endNanos)) {
      rejection = Rejection.END_TIME_OUTSIDE;
      request.rejectTime(rejection, 1, endNanos, scope);
    }
    long hash = OtlpHash.ofTrace(traceHigh, traceLow);
    request.addEntry(
        scope, start, end, hash, 1, rejection == null ? 1 : 0, cursor.memory() - before);
  }

  /** Without any time it is stored as of when it arrives. */
  private void scanLogRecord(int scope, int start, int end) {
    long nanos = 0;
    long observedNanos = 0;
    long before = cursor.memory();
    LOG_RECORD.hold(cursor, end);
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == LOG_TIME) {
        nanos = cursor.readFixed64(end);
      } else if (tag == LOG_OBSERVED) {
        observedNanos = cursor.readFixed64(end);
      } else {
        LOG_RECORD.checkField(cursor, tag, end, DEPTH_OF_ENTRY);
      }
    }
    long own = nanos == 0 ? observedNanos : nanos;
    boolean kept = own == 0 || !limits.excludes(own);
    if (!kept) {
      request.rejectTime(Rejection.TIME_OUTSIDE, 1, own, scope);
    }
    request.addEntry(scope, start, end, 0, 1, kept ? 1 : 0, cursor.memory() - before);
  }

  private static @Nullable Rejection judge(long traceHigh, long traceLow, long spanId) {
    if ((traceHigh | traceLow) == 0) {
      return Rejection.INVALID_TRACE_ID;
    }
    return spanId == 0 ? Rejection.INVALID_SPAN_ID : null;
  }
}
