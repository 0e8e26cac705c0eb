package dev.tocsin.promql.regex;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random expressions on random texts answer as RE2/J does, which is a port of the engine that
 * Prometheus uses. {@code (?s)} is what Prometheus sets, too.
 */
class RegexDifferentialTest {
  private static final int TRIES = 1_000;

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "\\btime, connection time out, true",
        "\\Bime, connection time out, true",
        "(?m)^at , `boom\nat x`, true",
        "(?m:^)b, `a\nb`, true",
        "(?m)boom$, `x\nboom\ny`, true",
        "$x|out$, time out, true",
        "\\berror\\b, `no terror, no errors`, false",
        "\\bx, `漢 x`, true",
      })
  void assertionsAtTheStart_areTriedAtEveryPlace(String regex, String text, boolean expected) {
    assertThat(Regex.compile(regex).find(text)).isEqualTo(expected);
  }

  /** What matchers of PromQL ask. */
  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void matches_agreesWithRe2(@ForAll("expressions") String regex, @ForAll("texts") String text) {
    assertThat(Regex.compile(regex).matches(text))
        .as("%s on <%s>", regex, text)
        .isEqualTo(Pattern.matches("(?s:" + regex + ")", text));
  }

  /** What the search in log records asks. */
  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void find_agreesWithRe2(@ForAll("expressions") String regex, @ForAll("texts") String text) {
    assertThat(Regex.compile(regex).find(text))
        .as("%s in <%s>", regex, text)
        .isEqualTo(Pattern.compile("(?s:" + regex + ")").matcher(text).find());
  }

  @ParameterizedTest
  @CsvSource({"x*, baxc, -b-a-c-", "x*, 😀, -😀-", "\\b, ab c, -ab- -c-", "(|a)*, aa, -a-a-"})
  void emptyMatches_areReplacedOnce_andSplitNoCharacter(String regex, String text, String then) {
    assertThat(Regex.compile(regex).replaceAll(text, "-")).isEqualTo(then);
  }

  /** Where matches begin and end, by what templates ask. */
  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void replaceAll_agreesWithRe2(@ForAll("plain") String regex, @ForAll("flatTexts") String text) {
    assertThat(Regex.compile(regex).replaceAll(text, "<$0>"))
        .as("%s in <%s>", regex, text)
        .isEqualTo(replaced(Pattern.compile("(?s:" + regex + ")"), text));
  }

  /** As Go does it: an empty match does not follow at once on the match before. */
  private static String replaced(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    StringBuilder out = new StringBuilder();
    int copied = 0;
    boolean first = true;
    while (matcher.find()) {
      boolean counts = first || matcher.end() > copied;
      out.append(text.substring(copied, matcher.start()));
      if (counts) {
        out.append('<').append(matcher.group()).append('>');
      }
      copied = matcher.end();
      first = false;
    }
    return out.append(text.substring(copied)).toString();
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("a", "b", "c", "A", "1", "_", " ", "\n", ".", "é", "漢", "😀")
        .list()
        .ofMaxSize(10)
        .map(parts -> String.join("", parts));
  }

  /**
   * RE2/J finds empty matches between the halves of a character; Go, whose texts are UTF-8, not.
   */
  @Provide
  Arbitrary<String> flatTexts() {
    return texts().map(text -> text.replace("😀", "x"));
  }

  private static Arbitrary<String> atoms() {
    return Arbitraries.frequencyOf(
        Tuple.of(5, Arbitraries.of("a", "b", "c", "_", " ", "1", "é", "漢", "😀", "\\n", "\\.")),
        Tuple.of(4, Arbitraries.of("\\b", "\\B", "^", "$", "\\A", "\\z", "(?m:^)", "(?m:$)")),
        Tuple.of(
            4,
            Arbitraries.of(
                ".",
                "[ab]",
                "[^a]",
                "\\w",
                "\\W",
                "\\d",
                "\\s",
                "\\S",
                "[[:alpha:]]",
                "[^\\w]",
                "\\p{Lu}",
                "\\P{Lu}",
                "[[:^lower:]]",
                "(?-s:.)",
                "(?i:a)",
                "(?i:[^b])",
                "(?i:[\\W_])")));
  }

  @Provide
  Arbitrary<String> expressions() {
    return expression(
        List.of("*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}", "{2,}", "{0}"));
  }

  /** Without loops, for which RE2/J and Go differ in where an empty match ends. */
  @Provide
  Arbitrary<String> plain() {
    return expression(List.of("?", "??", "{2}", "{0,2}", "{1,3}"));
  }

  private static Arbitrary<String> expression(List<String> repeats) {
    return Arbitraries.recursive(RegexDifferentialTest::atoms, each -> nested(each, repeats), 0, 3);
  }

  private static Arbitrary<String> nested(Arbitrary<String> part, List<String> repeats) {
    Arbitrary<String> sequence =
        part.list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join("", parts));
    Arbitrary<String> choice =
        Combinators.combine(
                sequence, sequence, Arbitraries.of("(%s|%s)", "(?:%s|%s)", "(?:%s|%s|)"))
            .as((left, right, form) -> form.formatted(left, right));
    Arbitrary<String> repeated =
        Combinators.combine(sequence, Arbitraries.of(repeats))
            .as((body, count) -> "(?:" + body + ")" + count);
    Arbitrary<String> flagged =
        Combinators.combine(sequence, Arbitraries.of("i", "m", "-s", "U", "im"))
            .as((body, flags) -> "(?" + flags + ":" + body + ")");
    return Arbitraries.oneOf(sequence, sequence, choice, repeated, flagged);
  }
}
