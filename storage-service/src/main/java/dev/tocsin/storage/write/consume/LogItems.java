package dev.tocsin.storage.write.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Sources;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.summary.ExceptionTable;
import dev.tocsin.segment.summary.LogBytes;
import dev.tocsin.storage.ports.Batch;
import java.time.InstantSource;
import java.util.List;

/** Log records, by their time, or when they arrived if they have none. */
final class LogItems implements ItemBuffer.Items {
  /** It is in the record. */
  private static final long NO_ORIGIN = 0;

  private final ExceptionTable exceptions = new ExceptionTable();

  /** Of this buffer alone, so that nothing is taken for known that was never stored. */
  private final RecentItems recent;

  LogItems(InstantSource clock) {
    this.recent = RecentItems.ofProcess(clock);
  }

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

  /**
   * Equal records may be two events, within a request or from one to the next; but the same part of
   * a request, byte for byte, is one that its sender sent again. Unless there is no time in it: a
   * line that is sent again and again without one may be meant.
   */
  @Override
  public boolean isNew(OtlpRequest record) {
    byte[] bytes = record.bytes();
    return recent.isNew(NO_ORIGIN, bytes, 0, bytes.length) || !isTimed(record);
  }

  private static boolean isTimed(OtlpRequest record) {
    byte[] bytes = record.bytes();
    for (int entry = 0; entry < record.entryCount(); entry++) {
      int end = record.entryEnd(entry);
      int from = Sources.contentStart(bytes, record.entryStart(entry), end);
      if (LogSegments.nanos(bytes, from, end) == 0) {
        return false;
      }
    }
    return true;
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
