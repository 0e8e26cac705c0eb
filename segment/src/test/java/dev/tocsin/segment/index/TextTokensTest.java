package dev.tocsin.segment.index;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTokensTest {
  @ParameterizedTest
  @CsvSource({
    "支付失败了请重试, 失败, true",
    "支払いに失敗しました, 失敗, true",
    "エラーが発生しました, エラー, true",
    "เกิดข้อผิดพลาดขึ้น, ผิดพลาด, true",
    "发生error了, error, true",
    "发生errors了, error, false",
    "결제 오류가, 오류, false",
    "payments failed, payment, false",
  })
  void phrase_isFound_whereItsScriptEndsWords(String text, String phrase, boolean expected) {
    assertThat(TextTokens.contains(text, phrase)).isEqualTo(expected);
    assertThat(TextSearch.phrase(phrase).isIn(text)).isEqualTo(expected);
  }

  /** What the bloom is asked for, every text with the phrase has; else the text would be hidden. */
  @Property(tries = 3_000)
  void sought_areAmongTheTokens_ofEveryTextWithThePhrase(
      @ForAll("texts") String before,
      @ForAll("texts") String phrase,
      @ForAll("texts") String after) {
    String text = before + phrase + after;
    if (TextTokens.contains(text, phrase)) {
      assertThat(TextTokens.of(text)).containsAll(TextTokens.sought(phrase));
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "ab", "c", "1", " ", "-", ".", "失", "败", "の", "ผิ", "오", "é", "Σ", "İ", "😀")
        .list()
        .ofMaxSize(5)
        .map(parts -> String.join("", parts));
  }
}
