package dev.tocsin.common.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.TreeMap;

/**
 * The identity of a label set as Alertmanager computes it: FNV-1a 64 over the sorted pairs, a byte
 * 0xff after each name and each value, in 16 hexadecimal digits.
 */
public final class Fingerprint {
  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private Fingerprint() {}

  public static String of(Map<String, String> labels) {
    long hash = OFFSET_BASIS;
    for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
      hash = add(add(hash, label.getKey()), label.getValue());
    }
    return String.format("%016x", hash);
  }

  private static long add(long hash, String text) {
    long next = hash;
    for (byte b : text.getBytes(UTF_8)) {
      next = (next ^ (b & 0xff)) * PRIME;
    }
    return (next ^ 0xff) * PRIME;
  }
}
