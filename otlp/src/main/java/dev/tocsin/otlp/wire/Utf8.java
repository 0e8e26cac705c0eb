package dev.tocsin.otlp.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;

/**
 * Bytes that should be UTF-8. What is not is replaced as Java decodes it: U+FFFD for each byte, or
 * run of bytes, that begins a character and does not end it. Takes a few KiB, however long the text
 * is.
 */
public final class Utf8 {
  private static final int CHARS_AT_ONCE = 4 << 10;
  private static final int BYTES_A_CHAR_MAX = 3;

  private Utf8() {}

  public static boolean isValid(byte[] bytes) {
    return isValid(bytes, 0, bytes.length);
  }

  static boolean isValid(byte[] bytes, int start, int end) {
    return PlainAttribute.isAscii(bytes, start, end)
        || UnsafeByteOperations.unsafeWrap(bytes, start, end - start).isValidUtf8();
  }

  /** How many bytes it has when it is repaired: up to three times as many. */
  public static long repairedLength(byte[] bytes) {
    return repairedLength(bytes, 0, bytes.length);
  }

  static long repairedLength(byte[] bytes, int start, int end) {
    ByteBuffer out = ByteBuffer.allocate(CHARS_AT_ONCE * BYTES_A_CHAR_MAX);
    return recode(bytes, start, end, out, true);
  }

  /**
   * The repaired text.
   *
   * @param length {@link #repairedLength}
   */
  public static byte[] repaired(byte[] bytes, int length) {
    byte[] target = new byte[length];
    repair(bytes, 0, bytes.length, target, 0);
    return target;
  }

  /** Writes the repaired text to a place where there is room for it. */
  static void repair(byte[] bytes, int start, int end, byte[] target, int at) {
    long unused = recode(bytes, start, end, ByteBuffer.wrap(target, at, target.length - at), false);
  }

  /** For people: how many texts were repaired, and where. */
  public static String told(int texts, String firstField) {
    return texts + (texts == 1 ? " text, in " : " texts, the first in ") + firstField;
  }

  private static long recode(byte[] bytes, int start, int end, ByteBuffer out, boolean measure) {
    CharsetDecoder decoder = UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE);
    CharsetEncoder encoder = UTF_8.newEncoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, start, end - start);
    CharBuffer chars = CharBuffer.allocate(CHARS_AT_ONCE);
    long length = 0;
    boolean more = true;
    while (more) {
      more = decoder.decode(in, chars, true).isOverflow();
      chars.flip();
      // The decoder leaves no half of a character behind.
      boolean fits = encoder.encode(chars, out, !more).isUnderflow();
      if (!fits) {
        throw new IllegalStateException("no room for a repaired text");
      }
      chars.clear();
      if (measure) {
        length += out.position();
        out.clear();
      }
    }
    return length;
  }
}
