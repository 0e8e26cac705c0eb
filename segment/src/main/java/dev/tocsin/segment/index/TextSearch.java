package dev.tocsin.segment.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What a text must hold: looked for in its UTF-8 where that gives the same answer, by Horspool's
 * algorithm. Immutable and thread-safe.
 */
public final class TextSearch {
  private static final byte[] AS_IS = new byte[256];
  private static final byte[] LOWER = new byte[256];

  static {
    for (int i = 0; i < 256; i++) {
      AS_IS[i] = (byte) i;
      LOWER[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 'a' - 'A' : i);
    }
  }

  private final Predicate<String> test;

  /** The bytes to look for, empty when only the text itself can be tested. */
  private final byte[] wanted;

  private final byte[] folding;
  private final boolean words;
  private final int[] skip = new int[256];

  private TextSearch(Predicate<String> test, byte[] wanted, byte[] folding, boolean words) {
    this.test = test;
    this.wanted = wanted;
    this.folding = folding;
    this.words = words;
    Arrays.fill(skip, wanted.length);
    for (int i = 0; i < wanted.length - 1; i++) {
      for (int octet = 0; octet < 256; octet++) {
        if (folding[octet] == wanted[i]) {
          skip[octet] = wanted.length - 1 - i;
        }
      }
    }
  }

  /** As {@link TextTokens#contains}: in any case, with no letter or digit touching its ends. */
  public static TextSearch phrase(String phrase) {
    byte[] lower = phrase.toLowerCase(Locale.ROOT).getBytes(UTF_8);
    // What lower case is, and what a letter, is not told by single bytes beyond ASCII.
    boolean plain = isAscii(lower, 0, lower.length) && phrase.length() == lower.length;
    return new TextSearch(
        text -> TextTokens.contains(text, phrase), plain ? lower : new byte[0], LOWER, true);
  }

  /** Anywhere, in this case. */
  public static TextSearch containing(String part) {
    byte[] utf8 = part.getBytes(UTF_8);
    boolean exact = new String(utf8, UTF_8).equals(part);
    return new TextSearch(text -> text.contains(part), exact ? utf8 : new byte[0], AS_IS, false);
  }

  /** Whatever passes. */
  public static TextSearch matching(Predicate<String> test) {
    return new TextSearch(test, new byte[0], AS_IS, false);
  }

  public boolean isIn(String text) {
    return test.test(text);
  }

  /** In a text that is part of the bytes, in UTF-8. */
  public boolean isIn(byte[] bytes, int from, int to) {
    if (wanted.length == 0 || (words && !isAscii(bytes, from, to))) {
      return isIn(new String(bytes, from, to - from, UTF_8));
    }
    int last = wanted.length - 1;
    for (int at = from; at + last < to; at += skip[bytes[at + last] & 0xFF]) {
      if (isAt(bytes, at) && (!words || edges(bytes, at, from, to))) {
        return true;
      }
    }
    return false;
  }

  private boolean isAt(byte[] bytes, int at) {
    for (int i = wanted.length - 1; i >= 0; i--) {
      if (folding[bytes[at + i] & 0xFF] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean edges(byte[] bytes, int at, int from, int to) {
    int end = at + wanted.length;
    return (at == from || !touch(bytes[at - 1], wanted[0]))
        && (end == to || !touch(bytes[end], wanted[wanted.length - 1]));
  }

  private static boolean touch(int neighbour, int end) {
    return Character.isLetterOrDigit(neighbour) && Character.isLetterOrDigit(end);
  }

  private static boolean isAscii(byte[] bytes, int from, int to) {
    int all = 0;
    for (int i = from; i < to; i++) {
      all |= bytes[i];
    }
    return all >= 0;
  }
}
