package dev.tocsin.segment.summary;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Trace ids as the tables hold them. */
final class TraceIds {
  private static final int BYTES = 16;

  private TraceIds() {}

  /** Null when the id is not 16 bytes long. */
  static @Nullable UUID uuid(byte[] bytes, int from, int length) {
    if (length != BYTES) {
      return null;
    }
    ByteBuffer id = ByteBuffer.wrap(bytes, from, length);
    return new UUID(id.getLong(), id.getLong());
  }

  /** Null when the id is not 16 bytes long. */
  static @Nullable UUID uuid(ByteString traceId) {
    byte[] bytes = traceId.toByteArray();
    return uuid(bytes, 0, bytes.length);
  }
}
