package dev.tocsin.storage.segment;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;

/**
 * The hashes that stand in index columns. They are part of the stored format: never change what
 * they return.
 */
public final class Hashes {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Hashes() {}

  /** 64 bits over UTF-8: FNV-1a with a finishing mix. */
  public static long of(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return of(bytes, 0, bytes.length);
  }

  static long of(byte[] bytes, int from, int to) {
    long hash = FNV_OFFSET;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (bytes[i] & 0xFF)) * FNV_PRIME;
    }
    hash ^= hash >>> 33;
    hash *= 0xff51afd7ed558ccdL;
    hash ^= hash >>> 33;
    hash *= 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  /** What {@code trace_hash} holds for a trace id. */
  public static int trace(ByteString traceId) {
    byte[] bytes = traceId.toByteArray();
    return (int) of(bytes, 0, bytes.length);
  }

  /** What {@code tokens} holds for an attribute and its value as text. */
  public static int token(String key, String value) {
    return (int) of(key + "=" + value);
  }

  /** What {@code tokens} holds when a key had too many values to list: any value may be inside. */
  public static int anyValue(String key) {
    return (int) of(key + "=\u0000any");
  }

  /** What {@code metrics} holds for a metric name. */
  public static int metric(String name) {
    return (int) of(name);
  }
}
