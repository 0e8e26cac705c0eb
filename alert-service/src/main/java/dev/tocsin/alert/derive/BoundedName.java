package dev.tocsin.alert.derive;

/**
 * Names from outside, cut to what a label of a derived series may have: nobody else's series may
 * suffer because one sender's name is megabytes long. Names that fit stay as they are. Of a longer
 * one the first 239 characters are kept, then come {@code …} and 16 hex digits of a hash of the
 * whole, so that two long names stay two series, the same ones in every process and release.
 */
final class BoundedName {
  /** Unicode code points, so that no character is ever cut in two. */
  static final int CODE_POINTS_MAX = 256;

  private static final int HASH_DIGITS = 16;
  private static final int KEPT = CODE_POINTS_MAX - 1 - HASH_DIGITS;

  private BoundedName() {}

  static String of(String name) {
    if (name.length() <= CODE_POINTS_MAX
        || name.codePointCount(0, name.length()) <= CODE_POINTS_MAX) {
      return name;
    }
    return name.substring(0, name.offsetByCodePoints(0, KEPT))
        + '…'
        + "%016x".formatted(hash(name));
  }

  /** FNV-1a over the UTF-16 units, then the finaliser of MurmurHash3. */
  private static long hash(String name) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xFF51AFD7ED558CCDL;
    hash = (hash ^ (hash >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return hash ^ (hash >>> 33);
  }
}
