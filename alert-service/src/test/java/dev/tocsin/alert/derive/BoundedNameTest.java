package dev.tocsin.alert.derive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BoundedNameTest {
  @Test
  void name_staysAsItIs_whenItFits() {
    assertThat(BoundedName.of("")).isEmpty();
    assertThat(BoundedName.of("shop")).isEqualTo("shop");
    assertThat(BoundedName.of("x".repeat(256))).isEqualTo("x".repeat(256));
    String emoji = "\uD83D\uDD14".repeat(256);
    assertThat(BoundedName.of(emoji)).isEqualTo(emoji);
  }

  /** Part of the names of series, so it must not change. */
  @Test
  void longName_keepsItsBeginning_andEndsWithAHashOfTheWhole() {
    assertThat(BoundedName.of("x".repeat(257)))
        .isEqualTo("x".repeat(239) + "\u2026" + "9fb95ef80924d2a6");
  }

  @Test
  void longNames_stayDifferent_andHaveTheSameLength() {
    Random random = new Random(7);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      StringBuilder name = new StringBuilder("a".repeat(300 + random.nextInt(3_000)));
      name.append(i);
      String cut = BoundedName.of(name.toString());
      assertThat(cut.codePointCount(0, cut.length())).isEqualTo(256);
      names.add(cut);
    }
    assertThat(names).hasSize(1_000);
  }

  @Test
  void cutName_isWholeCharacters_whereverTheyLie() {
    Random random = new Random(8);
    for (int i = 0; i < 1_000; i++) {
      StringBuilder name = new StringBuilder();
      while (name.length() < 600) {
        name.appendCodePoint(random.nextBoolean() ? 'a' : 0x1F514 + random.nextInt(50));
      }
      String cut = BoundedName.of(name.toString());
      byte[] bytes = cut.getBytes(StandardCharsets.UTF_8);
      assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(cut);
      assertThat(bytes.length).isLessThanOrEqualTo(4 * 256);
    }
  }
}
