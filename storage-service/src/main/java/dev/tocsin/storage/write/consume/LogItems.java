package dev.tocsin.storage.write.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.summary.ExceptionTable;
import dev.tocsin.segment.summary.LogBytes;
import dev.tocsin.storage.ports.Batch;
import java.util.List;

/** Log records, by their time, or when they arrived if they have none. */
final class LogItems implements ItemBuffer.Items {
  private final ExceptionTable exceptions = new ExceptionTable();

  @Override
  public Signal signal() {
    return Signal.LOGS;
  }

  @Override
  public String named(int count, Window window) {
    return count + " log records (expected: time " + window + ")";
  }

  @Override
  public long nanos(byte[] bytes, int from, int to, long arrivedNanos) {
    long own = LogSegments.nanos(bytes, from, to);
    return own == 0 ? arrivedNanos : own;
  }

  @Override
  public Batch.Content encode(List<ItemRows> hours, long offset) {
    hours.forEach(hour -> hour.forEach(this::summarize));
    return new Batch.Logs(hours.stream().map(LogSegments::encode).toList(), exceptions.drain());
  }

  private void summarize(String service, byte[] bytes, int from, int to, long nanos) {
    try {
      LogBytes.tell(service, bytes, from, to, nanos, exceptions);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a log record that was scanned: " + e.getMessage(), e);
    }
  }
}
