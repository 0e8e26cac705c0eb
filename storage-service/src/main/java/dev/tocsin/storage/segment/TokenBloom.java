package dev.tocsin.storage.segment;

import java.util.Collection;

/**
 * A blocked bloom filter of words that plain SQL can probe: blocks of 32 bytes, a power of two of
 * them, four bits a word in one block, about ten bits a word. A bit is numbered as PostgreSQL's
 * {@code get_bit} does: byte {@code n / 8}, from its low end.
 */
public final class TokenBloom {
  public static final int BLOCK_BYTES = 32;
  public static final int BITS_PER_TOKEN = 4;
  private static final int BITS_WANTED = 10;
  private static final int BLOCKS_MAX = 1 << 15;

  private TokenBloom() {}

  /**
   * Where a word is looked for.
   *
   * @param block to be reduced modulo the block count
   * @param bits four bit numbers inside the block
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  public record Probe(int block, int[] bits) {}

  public static Probe probe(String token) {
    long hash = Hashes.of(token);
    int[] bits = new int[BITS_PER_TOKEN];
    for (int i = 0; i < BITS_PER_TOKEN; i++) {
      bits[i] = (int) (hash >>> (32 + 8 * i)) & 0xFF;
    }
    return new Probe((int) hash & Integer.MAX_VALUE, bits);
  }

  static byte[] of(Collection<String> tokens) {
    int blocks = 1;
    while (blocks < BLOCKS_MAX
        && (long) blocks * BLOCK_BYTES * 8 < (long) tokens.size() * BITS_WANTED) {
      blocks *= 2;
    }
    byte[] bloom = new byte[blocks * BLOCK_BYTES];
    for (String token : tokens) {
      Probe probe = probe(token);
      int base = (probe.block() & (blocks - 1)) * BLOCK_BYTES;
      for (int bit : probe.bits()) {
        bloom[base + bit / 8] |= (byte) (1 << (bit % 8));
      }
    }
    return bloom;
  }

  /** Whether the word may be in; never false for one that is. */
  static boolean mayContain(byte[] bloom, String token) {
    Probe probe = probe(token);
    int base = (probe.block() & (bloom.length / BLOCK_BYTES - 1)) * BLOCK_BYTES;
    for (int bit : probe.bits()) {
      if ((bloom[base + bit / 8] & (1 << (bit % 8))) == 0) {
        return false;
      }
    }
    return true;
  }
}
