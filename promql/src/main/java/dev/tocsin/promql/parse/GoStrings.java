package dev.tocsin.promql.parse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Go string literals: double and single quoted with escapes, and raw ones in back quotes. */
public final class GoStrings {
  private GoStrings() {}

  /** The string a literal stands for, or null when an escape is wrong. */
  public static @Nullable String unquote(String literal) {
    char quote = literal.charAt(0);
    String body = literal.substring(1, literal.length() - 1);
    if (quote == '`') {
      return body.replace("\r", "");
    }
    if (body.indexOf('\\') < 0) {
      return body;
    }
    return new Unquoter(body, quote).run();
  }

  private static final class Unquoter {
    private final String body;
    private final char quote;
    private final StringBuilder out = new StringBuilder();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int at;

    Unquoter(String body, char quote) {
      this.body = body;
      this.quote = quote;
    }

    @Nullable String run() {
      while (at < body.length()) {
        char c = body.charAt(at++);
        if (c != '\\') {
          flush();
          out.append(c);
        } else if (at >= body.length() || !escape(body.charAt(at++))) {
          return null;
        }
      }
      flush();
      return out.toString();
    }

    /** Bytes given by \x and octal escapes are UTF-8 together. */
    private void flush() {
      if (bytes.size() > 0) {
        out.append(decoded(bytes.toByteArray()));
        bytes.reset();
      }
    }

    /**
     * Bytes that are not UTF-8 become lone low surrogates, which no valid text has, so that they
     * stay tellable.
     */
    private static String decoded(byte[] raw) {
      String text = new String(raw, StandardCharsets.UTF_8);
      if (text.indexOf('\ufffd') < 0) {
        return text;
      }
      StringBuilder escaped = new StringBuilder();
      for (byte b : raw) {
        escaped.append(b >= 0 ? (char) b : (char) (0xdc00 + (b & 0xff)));
      }
      return escaped.toString();
    }

    private boolean escape(char c) {
      int plain = "abfnrtv\\".indexOf(c);
      if (plain >= 0) {
        flush();
        out.append("\u0007\b\f\n\r\t\u000b\\".charAt(plain));
        return true;
      } else if (c == quote) {
        flush();
        out.append(c);
        return true;
      }
      return switch (c) {
        case 'x' -> number(2, 16, true);
        case 'u' -> number(4, 16, false);
        case 'U' -> number(8, 16, false);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          at--;
          yield number(3, 8, true);
        }
        default -> false;
      };
    }

    private boolean number(int digits, int radix, boolean isByte) {
      long value = 0;
      for (int i = 0; i < digits; i++) {
        int digit = at < body.length() ? Character.digit(body.charAt(at++), radix) : -1;
        if (digit < 0) {
          return false;
        }
        value = value * radix + digit;
      }
      if (isByte) {
        bytes.write((int) value);
        return value < 256;
      }
      flush();
      if (value > Character.MAX_CODE_POINT || (value >= 0xd800 && value < 0xe000)) {
        return false;
      }
      out.appendCodePoint((int) value);
      return true;
    }
  }
}
