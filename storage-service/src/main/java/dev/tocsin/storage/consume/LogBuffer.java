package dev.tocsin.storage.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.segment.LogItem;
import dev.tocsin.storage.segment.LogSegments;
import dev.tocsin.storage.segment.Origin;
import dev.tocsin.storage.segment.Services;
import dev.tocsin.storage.summary.ExceptionTable;
import dev.tocsin.storage.summary.OtlpFeed;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Log records of one partition, filed by the hour. */
final class LogBuffer implements Buffer {
  private final Window window;
  private final Map<Long, List<LogItem>> byHour = new TreeMap<>();
  private final ExceptionTable exceptions = new ExceptionTable();
  private int items;

  LogBuffer(Window window) {
    this.window = window;
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message)
      throws InvalidProtocolBufferException {
    ExportLogsServiceRequest request = ExportLogsServiceRequest.parseFrom(message.value());
    long arrived = TimeUnit.MILLISECONDS.toNanos(message.timestamp());
    ExportLogsServiceRequest.Builder refused = ExportLogsServiceRequest.newBuilder();
    int refusedCount = 0;
    for (ResourceLogs resource : request.getResourceLogsList()) {
      ResourceLogs.Builder bare = resource.toBuilder().clearScopeLogs();
      var resourceBytes = bare.build().toByteString();
      String service = Services.name(resource.getResource());
      for (ScopeLogs scope : resource.getScopeLogsList()) {
        ScopeLogs.Builder bareScope = scope.toBuilder().clearLogRecords();
        Origin origin = new Origin(resourceBytes, bareScope.build().toByteString(), service);
        List<LogRecord> outside = new ArrayList<>();
        scope.getLogRecordsList().forEach(log -> take(origin, log, arrived, outside));
        if (!outside.isEmpty()) {
          refusedCount += outside.size();
          refused.addResourceLogs(bare.clone().addScopeLogs(bareScope.addAllLogRecords(outside)));
        }
      }
    }
    return refusedCount == 0
        ? Optional.empty()
        : Optional.of(
            new Rejected(
                "time_outside",
                refusedCount + " log records (expected: time " + window + ")",
                refusedCount,
                refused.build().toByteArray()));
  }

  private void take(Origin origin, LogRecord log, long arrived, List<LogRecord> outside) {
    long nanos = log.getTimeUnixNano() != 0 ? log.getTimeUnixNano() : log.getObservedTimeUnixNano();
    if (nanos == 0) {
      nanos = arrived;
    }
    if (!window.containsNanos(nanos)) {
      outside.add(log);
      return;
    }
    LogItem item = new LogItem(origin, log, nanos);
    byHour.computeIfAbsent(Window.bucketOfNanos(nanos), hour -> new ArrayList<>()).add(item);
    OtlpFeed.tell(item, exceptions);
    items++;
  }

  @Override
  public int items() {
    return items;
  }

  @Override
  public Batch.Content drain() {
    Batch.Logs content =
        new Batch.Logs(
            byHour.values().stream().map(LogSegments::encode).toList(), exceptions.drain());
    byHour.clear();
    items = 0;
    return content;
  }
}
