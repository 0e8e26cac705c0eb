package dev.tocsin.segment.summary;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.index.Hashes;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;

/**
 * Tells {@link ExceptionTable} of a log record from its bytes: only records that name an exception
 * are parsed. Field numbers are those of {@code logs.proto} and {@code common.proto}.
 */
public final class LogBytes {
  private static final int ATTRIBUTES = LogRecord.ATTRIBUTES_FIELD_NUMBER << 3 | 2;
  private static final int KEY = KeyValue.KEY_FIELD_NUMBER << 3 | 2;

  private LogBytes() {}

  /**
   * @param from where the record's own bytes begin, after its length
   * @param end where they end
   * @param nanos the time it is filed under
   * @throws InvalidProtocolBufferException when they are no log record; nothing was counted
   */
  public static void tell(
      String service, byte[] bytes, int from, int end, long nanos, ExceptionTable exceptions)
      throws InvalidProtocolBufferException {
    if (namesException(bytes, from, end)) {
      LogRecord log = LogRecord.parser().parseFrom(bytes, from, end - from);
      byte[] spanId = log.getSpanId().toByteArray();
      long spanHash = spanId.length == 0 ? 0 : Hashes.fast(spanId, 0, spanId.length);
      exceptions.add(
          service,
          nanos,
          new ExceptionTable.Place(TraceIds.uuid(log.getTraceId()), spanHash),
          log.getAttributesList());
    }
  }

  private static boolean namesException(byte[] bytes, int from, int end)
      throws InvalidProtocolBufferException {
    CodedInputStream in = CodedInputStream.newInstance(bytes, from, end - from);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == ATTRIBUTES) {
          int outer = in.pushLimit(in.readRawVarint32());
          if (hasExceptionKey(in)) {
            return true;
          }
          in.popLimit(outer);
        } else if (!in.skipField(tag)) {
          throw new InvalidProtocolBufferException("a group that ends without a start");
        }
      }
      return false;
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory", e);
    }
  }

  private static boolean hasExceptionKey(CodedInputStream in) throws IOException {
    boolean found = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == KEY) {
        found |= in.readString().startsWith(ExceptionTable.PREFIX);
      } else if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group that ends without a start");
      }
    }
    return found;
  }
}
