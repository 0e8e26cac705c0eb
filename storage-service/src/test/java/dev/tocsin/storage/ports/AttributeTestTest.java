package dev.tocsin.storage.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.common.v1.AnyValue;
import org.junit.jupiter.api.Test;

final class AttributeTestTest {
  private static final AnyValue TEXT = AnyValue.newBuilder().setStringValue("200").build();
  private static final AnyValue WHOLE = AnyValue.newBuilder().setIntValue(200).build();
  private static final AnyValue REAL = AnyValue.newBuilder().setDoubleValue(200).build();
  private static final AnyValue FLAG = AnyValue.newBuilder().setBoolValue(true).build();

  private static boolean test(Comparison comparison, AttributeValue wanted, AnyValue actual) {
    return new AttributeTest(AttributeScope.ANY, "key", comparison, wanted).test(actual);
  }

  @Test
  void untypedValues_equalWhateverIsWrittenSo() {
    AttributeValue wanted = new AttributeValue.Untyped("200");
    assertThat(test(Comparison.EQUAL, wanted, TEXT)).isTrue();
    assertThat(test(Comparison.EQUAL, wanted, WHOLE)).isTrue();
    assertThat(test(Comparison.NOT_EQUAL, wanted, WHOLE)).isFalse();
    assertThat(test(Comparison.EQUAL, new AttributeValue.Untyped("true"), FLAG)).isTrue();
  }

  @Test
  void typedValues_equalTheirTypeOnly_numbersBothKinds() {
    AttributeValue whole = new AttributeValue.Whole(200);
    assertThat(test(Comparison.EQUAL, whole, TEXT)).isFalse();
    assertThat(test(Comparison.EQUAL, whole, WHOLE)).isTrue();
    assertThat(test(Comparison.EQUAL, whole, REAL)).isTrue();
    assertThat(test(Comparison.EQUAL, new AttributeValue.Real(200), WHOLE)).isTrue();
    assertThat(test(Comparison.EQUAL, new AttributeValue.Text("200"), WHOLE)).isFalse();
    assertThat(test(Comparison.EQUAL, new AttributeValue.Flag(true), FLAG)).isTrue();
    assertThat(test(Comparison.EQUAL, new AttributeValue.Flag(false), FLAG)).isFalse();
  }

  @Test
  void orderings_holdForNumbersAlsoInTexts_andForNothingElse() {
    AttributeValue limit = new AttributeValue.Untyped("200");
    assertThat(test(Comparison.GREATER_OR_EQUAL, limit, TEXT)).isTrue();
    assertThat(test(Comparison.GREATER, limit, WHOLE)).isFalse();
    assertThat(test(Comparison.LESS_OR_EQUAL, limit, REAL)).isTrue();
    assertThat(test(Comparison.LESS, limit, FLAG)).isFalse();
    assertThat(test(Comparison.EXISTS, limit, FLAG)).isTrue();
  }

  @Test
  void patterns_matchTheWholeValue() {
    AttributeValue pattern = new AttributeValue.Untyped("2.");
    assertThat(test(Comparison.MATCHES, pattern, TEXT)).isFalse();
    assertThat(test(Comparison.MATCHES_NOT, pattern, TEXT)).isTrue();
    assertThat(test(Comparison.MATCHES, new AttributeValue.Untyped("2.*"), WHOLE)).isTrue();
  }

  @Test
  void badValues_areRefusedWithASentence() {
    assertThatThrownBy(() -> test(Comparison.LESS, new AttributeValue.Untyped("many"), WHOLE))
        .hasMessage("many (expected: a number)");
    assertThatThrownBy(() -> test(Comparison.MATCHES, new AttributeValue.Untyped("("), TEXT))
        .hasMessageContaining("expected: a regular expression of RE2 syntax");
    assertThatThrownBy(() -> TextPattern.compile("(a{1,50}){1,50}"))
        .hasMessageContaining("expected: at most 2000");
  }
}
