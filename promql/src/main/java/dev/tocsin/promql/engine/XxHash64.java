package dev.tocsin.promql.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The 64-bit xxHash with seed 0, after its published specification. */
final class XxHash64 {
  private static final long PRIME1 = 0x9E3779B185EBCA87L;
  private static final long PRIME2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME3 = 0x165667B19E3779F9L;
  private static final long PRIME4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME5 = 0x27D4EB2F165667C5L;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private XxHash64() {}

  static long of(byte[] data) {
    int at = 0;
    long hash;
    if (data.length >= 32) {
      long lane1 = 0x60EA27EEADC0B5D6L; // PRIME1 + PRIME2
      long lane2 = PRIME2;
      long lane3 = 0;
      long lane4 = -PRIME1;
      for (; at <= data.length - 32; at += 32) {
        lane1 = round(lane1, (long) LONGS.get(data, at));
        lane2 = round(lane2, (long) LONGS.get(data, at + 8));
        lane3 = round(lane3, (long) LONGS.get(data, at + 16));
        lane4 = round(lane4, (long) LONGS.get(data, at + 24));
      }
      hash =
          Long.rotateLeft(lane1, 1)
              + Long.rotateLeft(lane2, 7)
              + Long.rotateLeft(lane3, 12)
              + Long.rotateLeft(lane4, 18);
      hash = merge(merge(merge(merge(hash, lane1), lane2), lane3), lane4);
    } else {
      hash = PRIME5;
    }
    return finish(hash + data.length, data, at);
  }

  private static long finish(long start, byte[] data, int from) {
    long hash = start;
    int at = from;
    for (; at <= data.length - 8; at += 8) {
      hash ^= round(0, (long) LONGS.get(data, at));
      hash = Long.rotateLeft(hash, 27) * PRIME1 + PRIME4;
    }
    if (at <= data.length - 4) {
      hash ^= Integer.toUnsignedLong((int) INTS.get(data, at)) * PRIME1;
      hash = Long.rotateLeft(hash, 23) * PRIME2 + PRIME3;
      at += 4;
    }
    for (; at < data.length; at++) {
      hash ^= Byte.toUnsignedLong(data[at]) * PRIME5;
      hash = Long.rotateLeft(hash, 11) * PRIME1;
    }
    hash = (hash ^ (hash >>> 33)) * PRIME2;
    hash = (hash ^ (hash >>> 29)) * PRIME3;
    return hash ^ (hash >>> 32);
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * PRIME2, 31) * PRIME1;
  }

  private static long merge(long hash, long lane) {
    return (hash ^ round(0, lane)) * PRIME1 + PRIME4;
  }
}
