package dev.tocsin.promql.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.promql.text.PromqlException;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a|b, b, true",
        "a.c, abc, true",
        "a.c, ac, false",
        "(?i)ABC, aBc, true",
        "(?i:a)b, Ab, true",
        "(?i:a)b, AB, false",
        "[^a-c]+, xyz, true",
        "[[:digit:]]{2}, 12, true",
        "\\d+\\w\\s, 12a , false",
        "x{2}y?, xxy, true",
        "a+?b*, aab, true",
        "^foo$, foo, true",
        "\\bfoo\\b, foo, true",
        "\\Qa.b\\E, a.b, true",
        "(?P<n>x)y, xy, true",
        "\\x41\\p{Lu}, AB, true",
        "5.., 504, true",
        "{x}, {x}, true",
      })
  void matches_wholeText(String regex, String text, boolean expected) {
    assertThat(Regex.compile(regex).matches(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(", ")", "a**", "[a", "[z-a]", "\\", "\\1", "(?=a)", "x{1001}", "(?P<1>", "*"})
  void malformed_isRefused(String regex) {
    assertThatThrownBy(() -> Regex.compile(regex)).isInstanceOf(PromqlException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a*)*b", "(a|aa)+$c", "(a+)+b", "(.*a){25}b", "(a?){500}a{500}b"})
  void catastrophicExpressions_takeLinearTime(String regex) {
    Regex compiled = Regex.compile(regex);
    String text = "a".repeat(5_000);
    Assertions.assertTimeout(
        Duration.ofSeconds(20), () -> assertThat(compiled.matches(text)).isFalse());
  }

  @Test
  void tooLarge_isRefused() {
    assertThatThrownBy(() -> Regex.compile("((a{100}){100}){100}"))
        .hasMessageContaining("too large");
    assertThatThrownBy(() -> Regex.compile("(".repeat(5_000))).isInstanceOf(PromqlException.class);
  }

  @Test
  void expand_fillsGroups() {
    assertThat(Regex.compile("(.*)-(?P<n>.*)").expand("a-b", "$2 ${1}x ${n} $$ $9"))
        .isEqualTo("b ax b $ ");
    assertThat(Regex.compile("a").expand("b", "x")).isNull();
  }

  @Test
  void randomExpressions_agreeWithTheJdk() {
    Random random = new Random(7);
    String[] parts = {
      "a", "b", "ab", ".", "a*", "b+", "[ab]", "[^a]", "(a|b)", "(ab)?", "a{2}", "(a|ab)*", "b*?",
      "|", "(|a)", "(a|b|)"
    };
    for (int i = 0; i < 2_000; i++) {
      StringBuilder regex = new StringBuilder();
      for (int j = random.nextInt(4); j >= 0; j--) {
        regex.append(parts[random.nextInt(parts.length)]);
      }
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(7); j > 0; j--) {
        text.append("abc".charAt(random.nextInt(3)));
      }
      assertThat(Regex.compile(regex.toString()).matches(text.toString()))
          .as("%s on %s", regex, text)
          .isEqualTo(Pattern.matches(regex.toString(), text));
      assertThat(Regex.compile(regex.toString()).replaceAll(text.toString(), "-"))
          .as("%s in %s", regex, text)
          .isNotNull();
    }
  }
}
