package dev.tocsin.storage.write.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Source;
import dev.tocsin.segment.core.Sources;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.summary.ExceptionTable;
import dev.tocsin.segment.summary.LogBytes;
import dev.tocsin.storage.ports.Batch;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Log records of one partition, filed by the hour, as the bytes they came in. */
final class LogBuffer implements Buffer {
  private final Window window;
  private final Sources sources = new Sources();

  /** Used by one encoder at a time. */
  private final ExceptionTable exceptions = new ExceptionTable();

  private final HourlyRows rows = new HourlyRows();

  LogBuffer(Window window) {
    this.window = window;
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
    byte[] bytes = message.value();
    long arrived = TimeUnit.MILLISECONDS.toNanos(message.timestamp());
    OtlpRequest request = OtlpScanner.scan(Signal.LOGS, bytes);
    Source[] all = sources.of(request);
    int outside = 0;
    for (int entry = 0; entry < request.entryCount(); entry++) {
      int end = request.entryEnd(entry);
      int from = Sources.contentStart(bytes, request.entryStart(entry), end);
      long own = LogSegments.nanos(bytes, from, end);
      long nanos = own == 0 ? arrived : own;
      if (window.containsNanos(nanos)) {
        rows.at(nanos).add(all[request.entryScope(entry)], bytes, from, end, nanos);
      } else {
        outside++;
      }
    }
    return outside == 0
        ? Optional.empty()
        : Optional.of(
            new Rejected(
                "time_outside",
                outside + " log records (expected: time " + window + ")",
                outside,
                outside(bytes, arrived)));
  }

  /** A request of only the records outside the window; they are few, so it is made from objects. */
  private byte[] outside(byte[] bytes, long arrived) {
    try {
      ExportLogsServiceRequest.Builder refused = ExportLogsServiceRequest.newBuilder();
      for (ResourceLogs resource :
          ExportLogsServiceRequest.parseFrom(bytes).getResourceLogsList()) {
        ResourceLogs.Builder some = resource.toBuilder().clearScopeLogs();
        for (ScopeLogs scope : resource.getScopeLogsList()) {
          ScopeLogs.Builder kept = scope.toBuilder().clearLogRecords();
          scope.getLogRecordsList().stream()
              .filter(log -> !window.containsNanos(nanos(log, arrived)))
              .forEach(kept::addLogRecords);
          if (kept.getLogRecordsCount() > 0) {
            some.addScopeLogs(kept);
          }
        }
        if (some.getScopeLogsCount() > 0) {
          refused.addResourceLogs(some);
        }
      }
      return refused.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a request that was scanned: " + e.getMessage(), e);
    }
  }

  private static long nanos(LogRecord log, long arrived) {
    long own = log.getTimeUnixNano() != 0 ? log.getTimeUnixNano() : log.getObservedTimeUnixNano();
    return own == 0 ? arrived : own;
  }

  @Override
  public int items() {
    return rows.items();
  }

  @Override
  public Supplier<Batch.Content> drain(long offset) {
    List<ItemRows> drained = rows.drain();
    return () -> encode(drained);
  }

  private Batch.Content encode(List<ItemRows> drained) {
    drained.forEach(hour -> hour.forEach(this::summarize));
    return new Batch.Logs(drained.stream().map(LogSegments::encode).toList(), exceptions.drain());
  }

  private void summarize(String service, byte[] bytes, int from, int to, long nanos) {
    try {
      LogBytes.tell(service, bytes, from, to, nanos, exceptions);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a log record that was scanned: " + e.getMessage(), e);
    }
  }

  @Override
  public void stored() {
    rows.stored();
  }
}
