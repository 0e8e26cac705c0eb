package dev.tocsin.otlp.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The hashes that decide partitions. They are part of the topics' contract: every producer must
 * bring a trace, and a resource, to the same partition, so they do not change within a version.
 */
final class OtlpHash {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private OtlpHash() {}

  /** Eight bytes, big-endian. */
  static long longAt(byte[] bytes, int position) {
    return (long) LONGS.get(bytes, position);
  }

  /** Of a trace id; both halves count, for some tracers put a time stamp into the first. */
  static long ofTrace(long high, long low) {
    return mix(high * 0x9E3779B97F4A7C15L + low);
  }

  /** FNV-1a over the bytes, mixed, so that the low bits depend on every byte. */
  static long ofBytes(byte[] bytes, int start, int end) {
    long hash = 0xCBF29CE484222325L;
    for (int i = start; i < end; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * 0x100000001B3L;
    }
    return mix(hash);
  }

  static int partition(long hash, int partitions) {
    return (int) Long.remainderUnsigned(hash, partitions);
  }

  /** The finaliser of MurmurHash3. */
  static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 33)) * 0xFF51AFD7ED558CCDL;
    z = (z ^ (z >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return z ^ (z >>> 33);
  }
}
