package dev.tocsin.ingest.receive;

import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;

/**
 * Says what a body is that is not what its headers or its path say. Asked only where a body is
 * refused or nothing of it is kept, so what it costs is no matter.
 */
final class Misfit {
  private Misfit() {}

  /** What the body looks like instead, as the end of a sentence, or an empty text. */
  static String of(Payload payload, byte[] body) {
    String form = form(payload.format(), body);
    return form.isEmpty() ? otherSignal(payload, body) : form;
  }

  private static String form(BodyFormat format, byte[] body) {
    if (startsWith(body, 0x1f, 0x8b)) {
      return "; this is gzip, and no content-encoding says so";
    }
    if (startsWith(body, 0x28, 0xb5, 0x2f, 0xfd)) {
      return "; this is zstd, and no content-encoding says so";
    }
    if (format == BodyFormat.PROTOBUF && isJson(body)) {
      return "; this is JSON, the content type says protobuf"
          + " (expected: content-type application/json)";
    }
    if (format == BodyFormat.JSON && isProtobuf(body)) {
      return "; this is protobuf, the content type says JSON"
          + " (expected: content-type application/x-protobuf)";
    }
    return "";
  }

  private static boolean startsWith(byte[] body, int... first) {
    for (int i = 0; i < first.length; i++) {
      if (i >= body.length || (body[i] & 0xff) != first[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isJson(byte[] body) {
    int at = 0;
    while (at < body.length && " \t\r\n".indexOf(body[at]) >= 0) {
      at++;
    }
    return at < body.length && (body[at] == '{' || body[at] == '[');
  }

  private static boolean isProtobuf(byte[] body) {
    for (Signal signal : Signal.values()) {
      if (fits(signal, body)) {
        return true;
      }
    }
    return false;
  }

  /** Whose items they are, where the path or method says another signal; or an empty text. */
  static String otherSignal(Payload payload, byte[] body) {
    if (payload.format() == BodyFormat.PROTOBUF) {
      for (Signal signal : Signal.values()) {
        if (signal != payload.signal() && signal != Signal.PROFILES && fits(signal, body)) {
          return "; this looks like "
              + signal.label()
              + (payload.transport().equals("grpc")
                  ? ", which have a service of their own"
                  : ", which go to /v1/" + signal.label());
        }
      }
    }
    return "";
  }

  /** Whether it is a request of the signal with items that are all right. */
  private static boolean fits(Signal signal, byte[] body) {
    try {
      OtlpRequest request = OtlpScanner.scan(signal, body);
      return request.items() > 0 && request.rejected().isEmpty();
    } catch (MalformedOtlpException e) {
      return false;
    }
  }
}
