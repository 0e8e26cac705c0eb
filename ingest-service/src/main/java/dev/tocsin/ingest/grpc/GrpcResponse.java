package dev.tocsin.ingest.grpc;

import dev.tocsin.ingest.receive.ExportCall;
import io.vertx.core.buffer.Buffer;

/** The answer to a unary call, in one of the forms of {@link GrpcForm}. */
interface GrpcResponse extends ExportCall.Answer {

  /** A flag byte, four bytes of length, the bytes. */
  static Buffer frame(int flag, byte[] bytes) {
    return Buffer.buffer(5 + bytes.length)
        .appendByte((byte) flag)
        .appendInt(bytes.length)
        .appendBytes(bytes);
  }
}
