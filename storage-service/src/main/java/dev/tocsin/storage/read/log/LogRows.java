package dev.tocsin.storage.read.log;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.index.TextTokens;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.read.scan.Shortening;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;

/** Makes records of rows of segments that are here as a whole. */
final class LogRows {
  /** Smaller records have nothing to cut. */
  private static final int SMALL = Shortening.TEXT_BYTES_MAX;

  private static final int SERVICE_BYTES_MAX = 1_024;

  /**
   * What a message takes beside its serialized bytes, in times those: texts may be twice as wide.
   */
  private static final int DECODED = 2;

  private LogRows() {}

  /** As lists show it: of bounded size. What is returned keeps nothing of the segment. */
  static StoredLog shown(LogSegment segment, int row, Budget budget) {
    LogRecord log = segment.log(row);
    ResourceLogs resource = segment.resource(row);
    ScopeLogs scope = segment.scope(row);
    long size = size(log, resource, scope);
    if (size <= SMALL) {
      return stored(segment, row, segment.service(row), copy(log), resource, scope, false);
    }
    // Counted while both are here, the whole and what is made of it.
    budget.hold(size);
    try {
      Shortening shortening = new Shortening();
      LogRecord shortLog = shortening.log(log);
      ResourceLogs shortResource = shortening.resource(resource);
      ScopeLogs shortScope = shortening.scope(scope);
      String service = Shortening.text(segment.service(row), SERVICE_BYTES_MAX);
      return stored(
          segment, row, service, shortLog, shortResource, shortScope, shortening.hasCut());
    } finally {
      budget.release(size);
    }
  }

  /** As it came. What it takes, and what an answer with it will take, is held before it is made. */
  static StoredLog whole(LogSegment segment, int row, Budget budget) {
    LogRecord log = segment.log(row);
    ResourceLogs resource = segment.resource(row);
    ScopeLogs scope = segment.scope(row);
    long size = DECODED * size(log, resource, scope);
    budget.hold(size);
    try {
      StoredLog stored =
          stored(segment, row, segment.service(row), copy(log), resource, scope, false);
      budget.hold(AnswerBytes.COPIES * stored.answerBytes());
      return stored;
    } catch (RuntimeException e) {
      budget.release(size);
      throw e;
    }
  }

  private static StoredLog stored(
      LogSegment segment,
      int row,
      String service,
      LogRecord log,
      ResourceLogs resource,
      ScopeLogs scope,
      boolean truncated) {
    String text = log.hasBody() ? TextTokens.shown(log.getBody()) : "";
    return new StoredLog(segment.nanos(row), service, text, log, resource, scope, truncated);
  }

  private static long size(LogRecord log, ResourceLogs resource, ScopeLogs scope) {
    return (long) log.getSerializedSize()
        + resource.getSerializedSize()
        + scope.getSerializedSize();
  }

  /** A record's texts are parts of the segment's bytes, of which one would keep all. */
  private static LogRecord copy(LogRecord log) {
    try {
      return LogRecord.parseFrom(log.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored log record: " + e.getMessage(), e);
    }
  }
}
