package dev.tocsin.storage.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.otlp.OtlpRequest;
import dev.tocsin.common.otlp.OtlpScanner;
import dev.tocsin.common.otlp.Signal;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.segment.EncodedSpans;
import dev.tocsin.storage.segment.Source;
import dev.tocsin.storage.segment.Sources;
import dev.tocsin.storage.segment.SpanRows;
import dev.tocsin.storage.summary.SpanSummarizer;
import dev.tocsin.storage.summary.SpanSummary;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Spans of one partition, filed by the hour they began, as the bytes they came in. */
final class SpanBuffer implements Buffer {
  private static final int SPARE_BYTES_MAX = 16 << 20;

  private final Window window;
  private final RecentlySeen<EncodedSpans.Operation> catalogued;

  /** Used by one encoder at a time; lives as long as the partition is owned. */
  private final SpanSummarizer summarizer;

  private final Sources sources = new Sources();
  private Map<Long, SpanRows> byHour = new TreeMap<>();
  private volatile List<EncodedSpans.Operation> offered = List.of();

  /** What was drained last; its memory is used again when it is stored. */
  private List<SpanRows> inFlight = List.of();

  private @Nullable SpanRows spare;
  private int items;

  SpanBuffer(Window window, InstantSource clock) {
    this.window = window;
    this.catalogued = new RecentlySeen<>(clock);
    this.summarizer = new SpanSummarizer(clock);
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
    byte[] bytes = message.value();
    OtlpRequest request = OtlpScanner.scan(Signal.TRACES, bytes);
    Source[] all = sources.of(request);
    int outside = 0;
    for (int entry = 0; entry < request.entryCount(); entry++) {
      int end = request.entryEnd(entry);
      int from = Sources.contentStart(bytes, request.entryStart(entry), end);
      long start = SpanRows.startNanos(bytes, from, end);
      if (window.containsNanos(start)) {
        byHour
            .computeIfAbsent(Window.bucketOfNanos(start), hour -> rows())
            .add(all[request.entryScope(entry)], bytes, from, end, start);
        items++;
      } else {
        outside++;
      }
    }
    return outside == 0
        ? Optional.empty()
        : Optional.of(
            new Rejected(
                "time_outside",
                outside + " spans (expected: start " + window + ")",
                outside,
                outside(bytes)));
  }

  /** A request of only the spans outside the window; they are few, so it is made from objects. */
  private byte[] outside(byte[] bytes) {
    try {
      ExportTraceServiceRequest.Builder refused = ExportTraceServiceRequest.newBuilder();
      for (ResourceSpans resource :
          ExportTraceServiceRequest.parseFrom(bytes).getResourceSpansList()) {
        ResourceSpans.Builder some = resource.toBuilder().clearScopeSpans();
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          ScopeSpans.Builder kept = scope.toBuilder().clearSpans();
          scope.getSpansList().stream()
              .filter(span -> !window.containsNanos(span.getStartTimeUnixNano()))
              .forEach(kept::addSpans);
          if (kept.getSpansCount() > 0) {
            some.addScopeSpans(kept);
          }
        }
        if (some.getScopeSpansCount() > 0) {
          refused.addResourceSpans(some);
        }
      }
      return refused.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a request that was scanned: " + e.getMessage(), e);
    }
  }

  @Override
  public int items() {
    return items;
  }

  @Override
  public Supplier<Batch.Content> drain(long offset) {
    Map<Long, SpanRows> drained = byHour;
    inFlight = List.copyOf(drained.values());
    byHour = new TreeMap<>();
    items = 0;
    return () -> encode(drained, offset);
  }

  private Batch.Content encode(Map<Long, SpanRows> drained, long offset) {
    List<EncodedSpans> parts =
        drained.values().stream().map(rows -> rows.encode(summarizer)).toList();
    SpanSummary summary = summarizer.drain(offset);
    offered = summary.operations().stream().filter(catalogued::isNew).toList();
    return new Batch.Spans(parts, offered, summary);
  }

  @Override
  public void stored() {
    catalogued.addAll(offered);
    keepSpare();
  }

  private void keepSpare() {
    for (SpanRows rows : inFlight) {
      if (rows.bytes() <= SPARE_BYTES_MAX) {
        rows.clear();
        spare = rows;
      }
    }
    inFlight = List.of();
  }

  private SpanRows rows() {
    SpanRows rows = spare == null ? new SpanRows() : spare;
    spare = null;
    return rows;
  }
}
