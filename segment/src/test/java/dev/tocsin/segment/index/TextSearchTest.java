package dev.tocsin.segment.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TextSearchTest {
  private static final List<String> PARTS =
      List.of(
          "a",
          "ab",
          "AB",
          "b",
          " ",
          "-",
          "9",
          "\u00e9",
          "\u00c9",
          "\u212a",
          "\u0130",
          "k",
          "i",
          "\ud83d\ude00");

  private final Random random = new Random(8);

  private String text(int parts) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(parts); i > 0; i--) {
      text.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return text.toString();
  }

  @Test
  void bytes_areSearchedAsTheTextIs_whateverBothHold() {
    int found = 0;
    for (int i = 0; i < 100_000; i++) {
      String text = text(12);
      String wanted = text(i % 4 + 1);
      byte[] around = ("ab" + text + "ab").getBytes(UTF_8);
      TextSearch phrase = TextSearch.phrase(wanted);
      TextSearch part = TextSearch.containing(wanted);
      assertThat(phrase.isIn(around, 2, around.length - 2))
          .as("phrase '%s' in '%s'", wanted, text)
          .isEqualTo(TextTokens.contains(text, wanted));
      assertThat(part.isIn(around, 2, around.length - 2))
          .as("'%s' in '%s'", wanted, text)
          .isEqualTo(text.contains(wanted));
      found += part.isIn(text) ? 1 : 0;
    }
    assertThat(found).isBetween(10_000, 90_000);
  }

  @Test
  void halfACharacter_isFoundAsInTheText() {
    byte[] smile = "\ud83d\ude00".getBytes(UTF_8);
    assertThat(TextSearch.containing("\ud83d").isIn(smile, 0, smile.length)).isTrue();
    assertThat(TextSearch.containing("?").isIn(smile, 0, smile.length)).isFalse();
  }
}
