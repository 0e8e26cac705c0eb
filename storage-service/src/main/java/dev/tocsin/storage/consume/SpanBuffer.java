package dev.tocsin.storage.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.segment.EncodedSpans;
import dev.tocsin.storage.segment.Origin;
import dev.tocsin.storage.segment.Services;
import dev.tocsin.storage.segment.SpanItem;
import dev.tocsin.storage.segment.SpanSegments;
import dev.tocsin.storage.summary.OtlpFeed;
import dev.tocsin.storage.summary.SpanSummarizer;
import dev.tocsin.storage.summary.SpanSummary;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Spans of one partition, filed by the hour they began. */
final class SpanBuffer implements Buffer {
  private final Window window;
  private final RecentlySeen<EncodedSpans.Operation> catalogued;
  private final SpanSummarizer summarizer;
  private final Map<Long, List<SpanItem>> byHour = new TreeMap<>();
  private List<EncodedSpans.Operation> offered = List.of();
  private int items;

  SpanBuffer(Window window, InstantSource clock) {
    this.window = window;
    catalogued = new RecentlySeen<>(clock);
    summarizer = new SpanSummarizer(clock);
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message)
      throws InvalidProtocolBufferException {
    ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(message.value());
    ExportTraceServiceRequest.Builder refused = ExportTraceServiceRequest.newBuilder();
    int refusedCount = 0;
    for (ResourceSpans resource : request.getResourceSpansList()) {
      ResourceSpans.Builder bare = resource.toBuilder().clearScopeSpans();
      var resourceBytes = bare.build().toByteString();
      String service = Services.name(resource.getResource());
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        ScopeSpans.Builder bareScope = scope.toBuilder().clearSpans();
        Origin origin = new Origin(resourceBytes, bareScope.build().toByteString(), service);
        List<Span> outside = new ArrayList<>();
        scope.getSpansList().forEach(span -> take(origin, span, outside));
        if (!outside.isEmpty()) {
          refusedCount += outside.size();
          refused.addResourceSpans(bare.clone().addScopeSpans(bareScope.addAllSpans(outside)));
        }
      }
    }
    return refusedCount == 0
        ? Optional.empty()
        : Optional.of(
            new Rejected(
                "time_outside",
                refusedCount + " spans (expected: start " + window + ")",
                refusedCount,
                refused.build().toByteArray()));
  }

  private void take(Origin origin, Span span, List<Span> outside) {
    long start = span.getStartTimeUnixNano();
    if (!window.containsNanos(start)) {
      outside.add(span);
      return;
    }
    SpanItem item = new SpanItem(origin, span);
    byHour.computeIfAbsent(Window.bucketOfNanos(start), hour -> new ArrayList<>()).add(item);
    OtlpFeed.tell(item, summarizer);
    items++;
  }

  @Override
  public int items() {
    return items;
  }

  @Override
  public Batch.Content drain() {
    List<EncodedSpans> parts = byHour.values().stream().map(SpanSegments::encode).toList();
    byHour.clear();
    items = 0;
    SpanSummary summary = summarizer.drain();
    offered = summary.operations().stream().filter(catalogued::isNew).toList();
    return new Batch.Spans(parts, offered, summary);
  }

  @Override
  public void stored() {
    catalogued.addAll(offered);
  }
}
