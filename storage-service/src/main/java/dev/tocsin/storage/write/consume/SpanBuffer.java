package dev.tocsin.storage.write.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Source;
import dev.tocsin.segment.core.Sources;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.segment.summary.OperationId;
import dev.tocsin.segment.summary.SpanSummarizer;
import dev.tocsin.segment.summary.SpanSummary;
import dev.tocsin.storage.ports.Batch;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Spans of one partition, filed by the hour they began, as the bytes they came in. */
final class SpanBuffer implements Buffer {
  private final Window window;

  /** Ids of operations: their names may be long. */
  private final RecentlySeen<Long> catalogued;

  /** Used by one encoder at a time; lives as long as the partition is owned. */
  private final SpanSummarizer summarizer;

  private final Sources sources = new Sources();
  private final HourlyRows rows = new HourlyRows();
  private volatile List<EncodedSpans.Operation> offered = List.of();

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
      long start = SpanSegments.startNanos(bytes, from, end);
      if (window.containsNanos(start)) {
        rows.at(start).add(all[request.entryScope(entry)], bytes, from, end, start);
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
    return rows.items();
  }

  @Override
  public Supplier<Batch.Content> drain(long offset) {
    List<ItemRows> drained = rows.drain();
    return () -> encode(drained, offset);
  }

  private Batch.Content encode(List<ItemRows> drained, long offset) {
    List<EncodedSpans> parts =
        drained.stream().map(hour -> SpanSegments.encode(hour, summarizer)).toList();
    SpanSummary summary = summarizer.drain(offset);
    offered = summary.operations().stream().filter(this::isNew).toList();
    return new Batch.Spans(parts, offered, summary);
  }

  private boolean isNew(EncodedSpans.Operation operation) {
    return catalogued.isNew(OperationId.of(operation));
  }

  @Override
  public void stored() {
    catalogued.addAll(offered.stream().map(OperationId::of).toList());
    rows.stored();
  }
}
