package dev.tocsin.ingest.json;

/** Texts of JSON that are not quite texts, with U+FFFD for what is wrong with them. */
final class JsonText {
  static final char REPLACEMENT = '\ufffd';

  private JsonText() {}

  /** Whether there is half a character (a lone surrogate), which UTF-8 cannot write. */
  static boolean isBroken(String text, byte[] encoded) {
    // In its place Java writes a question mark, for which it is quick to look.
    boolean suspicious = false;
    for (byte b : encoded) {
      suspicious |= b == '?';
    }
    return suspicious && !repaired(text).equals(text);
  }

  /** The text with U+FFFD for each half of a character. */
  static String repaired(String text) {
    StringBuilder whole = new StringBuilder(text);
    for (int at = 0; at < whole.length(); at++) {
      char c = whole.charAt(at);
      boolean pair =
          Character.isHighSurrogate(c)
              && at + 1 < whole.length()
              && Character.isLowSurrogate(whole.charAt(at + 1));
      if (pair) {
        at++;
      } else if (Character.isSurrogate(c)) {
        whole.setCharAt(at, REPLACEMENT);
      }
    }
    return whole.toString();
  }
}
