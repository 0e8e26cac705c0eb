package dev.tocsin.segment.index;

/**
 * A blocked bloom filter of words that plain SQL can probe: blocks of 32 bytes, four bits a word in
 * one block, about ten bits a word. A bit is numbered as PostgreSQL's {@code get_bit} does: byte
 * {@code n / 8}, from its low end.
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
    return probe(Hashes.of(token));
  }

  /**
   * @param hash of an attribute or a trace, see {@link Hashes}
   */
  public static Probe probe(long hash) {
    int[] bits = new int[BITS_PER_TOKEN];
    for (int i = 0; i < BITS_PER_TOKEN; i++) {
      bits[i] = (int) (hash >>> (32 + 8 * i)) & 0xFF;
    }
    return new Probe((int) hash & Integer.MAX_VALUE, bits);
  }

  public static byte[] of(HashSet64 hashes) {
    long bitsWanted = (long) hashes.size() * BITS_WANTED;
    int blocks = (int) Math.max(1, Math.min(BLOCKS_MAX, bitsWanted / (BLOCK_BYTES * 8)));
    byte[] bloom = new byte[blocks * BLOCK_BYTES];
    hashes.forEach(
        hash -> {
          int base = (int) (hash & Integer.MAX_VALUE) % blocks * BLOCK_BYTES;
          for (int i = 0; i < BITS_PER_TOKEN; i++) {
            int bit = (int) (hash >>> (32 + 8 * i)) & 0xFF;
            bloom[base + bit / 8] |= (byte) (1 << (bit % 8));
          }
        });
    return bloom;
  }

  /** Whether the word may be in; never false for one that is. */
  public static boolean mayContain(byte[] bloom, String token) {
    return mayContain(bloom, Hashes.of(token));
  }

  /** Whether the hash may be in; never false for one that is. */
  public static boolean mayContain(byte[] bloom, long hash) {
    Probe probe = probe(hash);
    int base = probe.block() % (bloom.length / BLOCK_BYTES) * BLOCK_BYTES;
    for (int bit : probe.bits()) {
      if ((bloom[base + bit / 8] & (1 << (bit % 8))) == 0) {
        return false;
      }
    }
    return true;
  }
}
