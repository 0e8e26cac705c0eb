package dev.tocsin.ingest.grpc;

import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.receive.ExportCall;
import io.vertx.core.buffer.Buffer;

/**
 * Takes the one message of a unary call out of its frame: a flag byte, four bytes of length, the
 * message. Bytes go on to the call as they come; the message is never buffered here.
 */
final class UnaryDeframer {
  private static final int PREFIX_BYTES = 5;

  private final ExportCall call;
  private final ContentEncoding encoding;
  private final byte[] prefix = new byte[PREFIX_BYTES];
  private int prefixLength;
  private long remaining;

  UnaryDeframer(ExportCall call, ContentEncoding encoding) {
    this.call = call;
    this.encoding = encoding;
  }

  void append(Buffer chunk) {
    int position = 0;
    while (prefixLength < PREFIX_BYTES && position < chunk.length()) {
      prefix[prefixLength++] = chunk.getByte(position++);
      if (prefixLength == PREFIX_BYTES) {
        begin();
      }
    }
    int rest = chunk.length() - position;
    if (rest == 0 || call.answered()) {
      return;
    }
    if (rest > remaining) {
      call.refuse(malformed("more than one message in a unary call"));
      return;
    }
    remaining -= rest;
    call.append(position == 0 ? chunk : chunk.slice(position, chunk.length()));
  }

  private void begin() {
    Buffer header = Buffer.buffer(prefix);
    remaining = header.getUnsignedInt(1);
    int flag = prefix[0];
    if (flag != 0 && flag != 1) {
      call.refuse(malformed("message flag " + flag + " (expected: 0 or 1)"));
    } else if (flag == 1 && encoding == ContentEncoding.IDENTITY) {
      call.refuse(malformed("a compressed message without grpc-encoding"));
    } else {
      call.announce(remaining);
    }
  }

  void end() {
    if (prefixLength < PREFIX_BYTES || remaining > 0) {
      call.refuse(malformed("the call ended before its message did"));
    } else {
      call.end(prefix[0] == 1 ? encoding : ContentEncoding.IDENTITY);
    }
  }

  private static RefusedException malformed(String problem) {
    return new RefusedException(Reason.MALFORMED, problem);
  }
}
