package dev.tocsin.segment.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.proto.common.v1.AnyValue;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The words of a log line: lower-cased runs of letters and digits of two or more characters. Part
 * of the stored format, as blooms are built from them: tokens may be added, never taken away.
 *
 * <p>Chinese, Japanese, Thai and their neighbours write words without a space between them. There a
 * run is a sentence, so a word of it is no token; what other scripts have inside such a run is one
 * beside the whole run (since 0.3).
 */
public final class TextTokens {
  private static final int SHORTEST = 2;

  /** ASCII letters and digits in lower case, 0 for the rest. */
  private static final byte[] LOWER = new byte[128];

  static {
    for (int c = 0; c < LOWER.length; c++) {
      LOWER[c] = Character.isLetterOrDigit(c) ? (byte) Character.toLowerCase(c) : 0;
    }
  }

  private TextTokens() {}

  public static Set<String> of(String text) {
    Set<String> tokens = new LinkedHashSet<>();
    String lower = text.toLowerCase(Locale.ROOT);
    int start = -1;
    for (int i = 0; i <= lower.length(); i++) {
      boolean inside = i < lower.length() && Character.isLetterOrDigit(lower.charAt(i));
      if (inside && start < 0) {
        start = i;
      } else if (!inside && start >= 0) {
        if (i - start >= SHORTEST) {
          tokens.add(lower.substring(start, i));
          addSpaced(tokens, lower, start, i);
        }
        start = -1;
      }
    }
    return tokens;
  }

  /** Adds the words of spaced scripts inside a run that has characters of an unspaced one. */
  private static void addSpaced(Set<String> tokens, String text, int from, int to) {
    int start = from;
    for (int i = from; i < to; i++) {
      if (isUnspaced(text.charAt(i))) {
        if (i - start >= SHORTEST) {
          tokens.add(text.substring(start, i));
        }
        start = i + 1;
      }
    }
    if (start > from && to - start >= SHORTEST) {
      tokens.add(text.substring(start, to));
    }
  }

  /**
   * The tokens that any text with the phrase has, whenever it was stored: none with a character of
   * an unspaced script, as the phrase may be a part of a longer run there. Maps and lists are
   * searched as JSON too, but filed by their texts: so none after a backslash, whose first letter
   * may be that of an escape, and no {@code null}.
   */
  public static Set<String> sought(String phrase) {
    String lower = phrase.toLowerCase(Locale.ROOT);
    StringBuilder spaced = new StringBuilder(lower.length());
    int start = -1;
    for (int i = 0; i <= lower.length(); i++) {
      boolean inside = i < lower.length() && Character.isLetterOrDigit(lower.charAt(i));
      if (inside && start < 0) {
        start = i;
      } else if (!inside && start >= 0) {
        String run = lower.substring(start, i);
        boolean escaped = start > 0 && lower.charAt(start - 1) == '\\';
        if (!escaped && !run.equals("null") && run.chars().noneMatch(c -> isUnspaced((char) c))) {
          spaced.append(run).append(' ');
        }
        start = -1;
      }
    }
    return of(spaced.toString());
  }

  /** A letter of a script that puts no space between words; all of them are in the basic plane. */
  static boolean isUnspaced(char c) {
    return c >= '\u0e00'
        && (c <= '\u0eff' // Thai, Lao
            || (c >= '\u1000' && c <= '\u109f') // Myanmar
            || (c >= '\u1780' && c <= '\u17ff') // Khmer
            || (c >= '\u3005' && c <= '\u3007') // marks among Chinese characters
            || (c >= '\u3040' && c <= '\u30ff') // Hiragana, Katakana
            || (c >= '\u31f0' && c <= '\u31ff')
            || (c >= '\u3400' && c <= '\u9fff') // Chinese characters
            || (c >= '\uf900' && c <= '\ufaff')
            || (c >= '\uff66' && c <= '\uff9f')); // Katakana of half width
  }

  /** Hands on {@link Hashes#of} of each token of a text in UTF-8, some more than once. */
  public static void forEach(byte[] utf8, int from, int to, LongConsumer consumer) {
    for (int i = from; i < to; i++) {
      if (utf8[i] < 0) {
        String text = new String(utf8, from, to - from, UTF_8);
        of(text).forEach(token -> consumer.accept(Hashes.of(token)));
        return;
      }
    }
    long hash = Hashes.begin();
    int length = 0;
    for (int i = from; i < to; i++) {
      int octet = LOWER[utf8[i]];
      if (octet != 0) {
        hash = Hashes.step(hash, octet);
        length++;
      } else {
        if (length >= SHORTEST) {
          consumer.accept(Hashes.end(hash));
        }
        hash = Hashes.begin();
        length = 0;
      }
    }
    if (length >= SHORTEST) {
      consumer.accept(Hashes.end(hash));
    }
  }

  /**
   * Whether the phrase stands in the text, in any case, with no letter or digit touching its ends;
   * in scripts that put no space between words nothing touches.
   */
  public static boolean contains(String text, String phrase) {
    String lower = text.toLowerCase(Locale.ROOT);
    String wanted = phrase.toLowerCase(Locale.ROOT);
    for (int at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
      if (edge(lower, at - 1, wanted, 0) && edge(lower, at + wanted.length(), wanted, -1)) {
        return true;
      }
    }
    return false;
  }

  private static boolean edge(String text, int neighbour, String phrase, int end) {
    if (phrase.isEmpty() || neighbour < 0 || neighbour >= text.length()) {
      return true;
    }
    char last = phrase.charAt(end == 0 ? 0 : phrase.length() - 1);
    char beside = text.charAt(neighbour);
    return !Character.isLetterOrDigit(last)
        || !Character.isLetterOrDigit(beside)
        || isUnspaced(last)
        || isUnspaced(beside);
  }

  /** The text of a log body as it is shown, and searched: itself, or JSON of a map or a list. */
  public static String shown(AnyValue value) {
    return Tokens.text(value);
  }

  /**
   * The text of a log body that is filed, and searched too: itself, or the texts inside of a map or
   * a list as they are, one a line.
   */
  public static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case ARRAY_VALUE ->
          String.join(
              "\n", value.getArrayValue().getValuesList().stream().map(TextTokens::text).toList());
      case KVLIST_VALUE ->
          String.join(
              "\n",
              value.getKvlistValue().getValuesList().stream()
                  .map(pair -> pair.getKey() + "=" + text(pair.getValue()))
                  .toList());
      default -> Tokens.text(value);
    };
  }
}
