package dev.tocsin.common.postgres;

import io.vertx.core.json.JsonObject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Texts as PostgreSQL can hold them. Telemetry has any text; PostgreSQL refuses the character 0 in
 * text and in jsonb, refuses half a surrogate pair in jsonb and cannot be sent one in text, and has
 * no room for long ones in an index. Whatever comes from outside goes through here on its way into
 * a parameter; then no text makes a statement fail.
 */
public final class PostgresText {
  /**
   * What an indexed text may take in UTF-8: an entry of a B-tree holds 2,704 bytes, and two such
   * texts may share one.
   */
  public static final int KEY_BYTES_MAX = 1_000;

  private static final char REPLACEMENT = '\uFFFD';
  private static final String CUT = "…";
  private static final int CUT_BYTES = 3;

  /** Half of a SHA-256 in hexadecimal digits, and what is before it. */
  private static final int HASH_BYTES = 16;

  private static final int MARK_BYTES = 1 + 2 * HASH_BYTES;

  private PostgresText() {}

  /** With U+FFFD for each character 0 and each half of a surrogate pair; else the text itself. */
  public static String clean(String text) {
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == 0 || Character.isSurrogate(c)) {
        return cleanFrom(text, at);
      }
    }
    return text;
  }

  private static String cleanFrom(String text, int first) {
    StringBuilder clean = new StringBuilder(text.length()).append(text, 0, first);
    int at = first;
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      // What is left of a pair that is none is a surrogate by itself.
      boolean storable = codePoint != 0 && !isSurrogate(codePoint);
      clean.appendCodePoint(storable ? codePoint : REPLACEMENT);
    }
    return clean.length() == text.length() && text.contentEquals(clean) ? text : clean.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /**
   * Clean, and cut to so many bytes of UTF-8 between two characters, with a mark that it is cut.
   *
   * @param bytesMax at least 3
   */
  public static String clean(String text, int bytesMax) {
    String clean = clean(text);
    return fits(clean, bytesMax) ? clean : head(clean, bytesMax - CUT_BYTES) + CUT;
  }

  /**
   * A text that tells one thing from another, of at most so many bytes of UTF-8: itself when it can
   * be stored as it is, else its beginning and a hash of all of it, so that two things stay two.
   *
   * @param bytesMax at least 40
   */
  public static String key(String text, int bytesMax) {
    String clean = clean(text);
    return clean.equals(text) && fits(clean, bytesMax)
        ? text
        : head(clean, bytesMax - MARK_BYTES) + "~" + hash(text);
  }

  /** An object of texts for a column of type jsonb. */
  public static JsonObject json(Map<String, String> texts) {
    JsonObject json = new JsonObject();
    texts.forEach((name, value) -> json.put(clean(name), clean(value)));
    return json;
  }

  /** Length of a clean text in UTF-8. */
  public static int bytes(String clean) {
    int bytes = 0;
    for (int at = 0; at < clean.length(); at++) {
      bytes += bytes(clean.charAt(at));
    }
    return bytes;
  }

  /** Each half of a pair counts for half of its four bytes. */
  private static int bytes(char c) {
    if (c < 0x80) {
      return 1;
    }
    return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
  }

  private static boolean fits(String clean, int bytesMax) {
    return clean.length() <= bytesMax
        && (clean.length() <= bytesMax / 3 || bytes(clean) <= bytesMax);
  }

  private static String head(String clean, int bytesMax) {
    int bytes = 0;
    int end = 0;
    while (end < clean.length() && bytes + bytes(clean.charAt(end)) <= bytesMax) {
      bytes += bytes(clean.charAt(end));
      end++;
    }
    boolean splitsPair = end > 0 && Character.isHighSurrogate(clean.charAt(end - 1));
    return clean.substring(0, splitsPair ? end - 1 : end);
  }

  /** Over the characters, as half a pair has no bytes of its own in UTF-8. */
  private static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      text.chars()
          .forEach(
              c -> {
                digest.update((byte) (c >> 8));
                digest.update((byte) c);
              });
      return HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
