package dev.tocsin.segment.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
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

  /**
   * Maps are searched as JSON and filed by the texts inside: in whatever version, one leads there.
   */
  @Property(tries = 2_000)
  void sought_areAmongTheTokens_ofEveryMapWithThePhraseInItsJson(
      @ForAll("values") String value,
      @ForAll("values") String key,
      @ForAll @IntRange(max = 60) int from,
      @ForAll @IntRange(max = 60) int length) {
    AnyValue map =
        map(pair(key, text(value)), pair("n", map(pair("id", text(value + "x"))))).toBuilder()
            .build();
    String json = TextTokens.shown(map);
    int begin = Math.min(from, json.length());
    String phrase = json.substring(begin, Math.min(json.length(), begin + length));
    boolean halved = begin > 0 && json.charAt(begin - 1) == '\\';
    if (!halved && TextTokens.contains(json, phrase)) {
      assertThat(TextTokens.of(TextTokens.text(map))).containsAll(TextTokens.sought(phrase));
    }
  }

  private static AnyValue map(KeyValue... pairs) {
    return AnyValue.newBuilder()
        .setKvlistValue(KeyValueList.newBuilder().addAllValues(List.of(pairs)))
        .build();
  }

  private static KeyValue pair(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static AnyValue text(String text) {
    return AnyValue.newBuilder().setStringValue(text).build();
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.of("ab", "n", "null", " ", "\n", "\"", "\\", "\u0001", "失", "é", "=")
        .list()
        .ofMaxSize(6)
        .map(parts -> String.join("", parts));
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
