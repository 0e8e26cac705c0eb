package dev.tocsin.ingest.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.OptionalLong;

/** The small encodings of gRPC over HTTP/2 headers. */
final class GrpcCodes {
  private GrpcCodes() {}

  /** Percent-encodes a {@code grpc-message}. */
  static String message(String text) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '%') {
        out.append((char) b);
      } else {
        out.append('%').append(String.format("%02X", b));
      }
    }
    return out.toString();
  }

  /** A {@code grpc-timeout} in milliseconds, rounded up; empty when it is none. */
  static OptionalLong timeoutMs(String header) {
    int last = header.length() - 1;
    if (last < 1 || last > 8 || !header.chars().limit(last).allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    long amount = Long.parseLong(header.substring(0, last));
    return switch (header.charAt(last)) {
      case 'H' -> OptionalLong.of(amount * 3_600_000);
      case 'M' -> OptionalLong.of(amount * 60_000);
      case 'S' -> OptionalLong.of(amount * 1_000);
      case 'm' -> OptionalLong.of(amount);
      case 'u' -> OptionalLong.of((amount + 999) / 1_000);
      case 'n' -> OptionalLong.of((amount + 999_999) / 1_000_000);
      default -> OptionalLong.empty();
    };
  }
}
