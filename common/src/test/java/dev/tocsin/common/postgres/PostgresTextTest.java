package dev.tocsin.common.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PostgresTextTest {
  private static final char[] ODD = {
    'a', '~', '\0', '\u0001', '\u007f', 'ä', '\u0800', '\uFFFD', '\uFFFF', '\uD800', '\uDBFF',
    '\uDC00', '\uDFFF'
  };

  private static String any(Random random, int lengthMax) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(lengthMax + 1); i > 0; i--) {
      boolean odd = random.nextInt(3) > 0;
      text.append(odd ? ODD[random.nextInt(ODD.length)] : (char) random.nextInt(1 << 16));
    }
    return text.toString();
  }

  private static boolean isStorable(String text) {
    try {
      UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return text.indexOf('\0') < 0;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void storableTexts_stayAsTheyAre() {
    for (String text :
        new String[] {"", "checkout", "päge", "\uD83D\uDD34 red", "tab\tand\u0001"}) {
      assertThat(PostgresText.clean(text)).isSameAs(text);
      assertThat(PostgresText.clean(text, 100)).isSameAs(text);
      assertThat(PostgresText.key(text, 100)).isSameAs(text);
    }
  }

  @Test
  void nulAndHalfPairs_areReplaced() {
    assertThat(PostgresText.clean("host1\0\0")).isEqualTo("host1\uFFFD\uFFFD");
    assertThat(PostgresText.clean("a\uD83Db")).isEqualTo("a\uFFFDb");
    assertThat(PostgresText.clean("\uDD34\uD83D\uDD34\uD83D"))
        .isEqualTo("\uFFFD\uD83D\uDD34\uFFFD");
    assertThat(PostgresText.json(Map.of("k\0", "v\uDC00")).encode())
        .isEqualTo("{\"k\uFFFD\":\"v\uFFFD\"}");
  }

  /** Laws over any text; the seed is in the message of a failure. */
  @Test
  void anyText_becomesStorable_andFits() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      String text = any(random, 60);
      String clean = PostgresText.clean(text);
      assertThat(isStorable(clean)).as("seed %d", seed).isTrue();
      assertThat(PostgresText.clean(clean)).as("seed %d", seed).isSameAs(clean);
      assertThat(clean.equals(text)).as("seed %d", seed).isEqualTo(isStorable(text));
      assertThat(PostgresText.bytes(clean))
          .as("seed %d", seed)
          .isEqualTo(clean.getBytes(UTF_8).length);
      int bytesMax = 3 + random.nextInt(80);
      String cut = PostgresText.clean(text, bytesMax);
      assertThat(isStorable(cut)).as("seed %d", seed).isTrue();
      assertThat(cut.getBytes(UTF_8).length).as("seed %d", seed).isLessThanOrEqualTo(bytesMax);
      boolean fits = clean.getBytes(UTF_8).length <= bytesMax;
      assertThat(cut.equals(clean)).as("seed %d", seed).isEqualTo(fits);
      String key = PostgresText.key(text, 40 + bytesMax);
      assertThat(isStorable(key)).as("seed %d", seed).isTrue();
      assertThat(key.getBytes(UTF_8).length).as("seed %d", seed).isLessThanOrEqualTo(40 + bytesMax);
    }
  }

  @Test
  void keys_areAsManyAsTheTextsTheyStandFor() {
    Random random = new Random(7);
    Set<String> texts = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 50_000; i++) {
      String text = any(random, 4);
      texts.add(text);
      keys.add(PostgresText.key(text, 40));
      String longer = "x".repeat(500) + text;
      texts.add(longer);
      keys.add(PostgresText.key(longer, 200));
    }
    assertThat(keys).hasSameSizeAs(texts);
  }
}
