package dev.tocsin.segment.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The hashes that stand in index columns. They are part of the stored format: never change what
 * they return.
 */
public final class Hashes {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final long FAST_PRIME = 0x9E3779B97F4A7C15L;
  private static final int TRACE_BITS_MIN = 12;
  private static final int TRACE_BITS_MAX = 26;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Hashes() {}

  /** 64 bits over UTF-8: FNV-1a with a finishing mix. */
  public static long of(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return of(bytes, 0, bytes.length);
  }

  static long of(byte[] bytes, int from, int to) {
    long hash = FNV_OFFSET;
    for (int i = from; i < to; i++) {
      hash = step(hash, bytes[i]);
    }
    return mix(hash);
  }

  /** {@link #of} in steps: begin, a step a byte, end. */
  static long begin() {
    return FNV_OFFSET;
  }

  static long step(long hash, int octet) {
    return (hash ^ (octet & 0xFF)) * FNV_PRIME;
  }

  static long end(long hash) {
    return mix(hash);
  }

  /** 64 bits, eight bytes at a time: what dictionaries use, and {@link #attribute}. */
  public static long fast(byte[] bytes, int from, int to) {
    long hash = FNV_OFFSET ^ (to - from);
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      hash = (hash ^ (long) LONGS.get(bytes, at)) * FAST_PRIME;
      hash ^= hash >>> 32;
    }
    long rest = 0;
    for (int shift = 0; at < to; at++, shift += 8) {
      rest |= (bytes[at] & 0xFFL) << shift;
    }
    return mix((hash ^ rest) * FAST_PRIME);
  }

  private static long mix(long value) {
    long hash = value;
    hash ^= hash >>> 33;
    hash *= 0xff51afd7ed558ccdL;
    hash ^= hash >>> 33;
    hash *= 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  /** What a bloom holds for an attribute and its value as text. */
  public static long attribute(String key, String value) {
    byte[] bytes = value.getBytes(UTF_8);
    return attribute(of(key), fast(bytes, 0, bytes.length));
  }

  public static long attribute(long keyHash, long valueHash) {
    return mix(keyHash + valueHash * FAST_PRIME);
  }

  /** What a bloom holds when not every value of the key was entered. */
  public static long anyAttribute(String key) {
    return mix(of(key) ^ FAST_PRIME);
  }

  /** What a bloom holds for a trace id. */
  public static long traceMark(ByteString traceId) {
    byte[] bytes = traceId.toByteArray();
    return traceMark(fast(bytes, 0, bytes.length));
  }

  public static long traceMark(long idHash) {
    return mix(idHash ^ FNV_PRIME);
  }

  /**
   * What {@code trace_hash} may hold for a trace id, depending on how many bits the writer of a
   * segment took: a segment with the trace has one of these.
   */
  public static Integer[] traceKeys(ByteString traceId) {
    byte[] bytes = traceId.toByteArray();
    long hash = fast(bytes, 0, bytes.length);
    Integer[] keys = new Integer[TRACE_BITS_MAX - TRACE_BITS_MIN + 1];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = traceKey(hash, TRACE_BITS_MIN + i);
    }
    return keys;
  }

  /** Some low bits of the hash, and above them how many they are. */
  public static int traceKey(long idHash, int bits) {
    return (bits << TRACE_BITS_MAX) | ((int) (idHash >>> 8) & ((1 << bits) - 1));
  }

  /**
   * How many bits a trace key has at a rate of traces. Fewer make keys that traces share, whose
   * entries the index packs; each costs a look at the bloom of a segment that has another trace.
   *
   * @param perDay traces of one partition
   */
  public static int traceBits(double perDay) {
    int bits = 61 - Long.numberOfLeadingZeros((long) perDay + 1);
    return Math.max(TRACE_BITS_MIN, Math.min(TRACE_BITS_MAX, bits));
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
