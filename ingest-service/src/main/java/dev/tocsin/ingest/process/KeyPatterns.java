package dev.tocsin.ingest.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/** Attribute keys, compared as bytes: exact ones, and beginnings written {@code enduser.*}. */
final class KeyPatterns {
  private final byte[][] exact;
  private final byte[][] beginnings;

  private KeyPatterns(byte[][] exact, byte[][] beginnings) {
    this.exact = exact;
    this.beginnings = beginnings;
  }

  static KeyPatterns of(List<String> patterns) {
    return new KeyPatterns(
        patterns.stream()
            .filter(pattern -> !pattern.endsWith("*"))
            .map(pattern -> pattern.getBytes(UTF_8))
            .toArray(byte[][]::new),
        patterns.stream()
            .filter(pattern -> pattern.endsWith("*"))
            .map(pattern -> pattern.substring(0, pattern.length() - 1).getBytes(UTF_8))
            .toArray(byte[][]::new));
  }

  boolean isEmpty() {
    return exact.length + beginnings.length == 0;
  }

  boolean matches(byte[] bytes, int start, int end) {
    for (byte[] key : exact) {
      if (Arrays.equals(bytes, start, end, key, 0, key.length)) {
        return true;
      }
    }
    for (byte[] beginning : beginnings) {
      if (end - start >= beginning.length
          && Arrays.equals(
              bytes, start, start + beginning.length, beginning, 0, beginning.length)) {
        return true;
      }
    }
    return false;
  }
}
