package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.http.ProblemException;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.QueryLimits;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users write into URLs, read as they mean it. */
class ParamsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  private static Params params(String... namesAndValues) {
    MultiMap map = MultiMap.caseInsensitiveMultiMap();
    Set<String> known = new HashSet<>(LogFilterParams.NAMES);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.add(namesAndValues[i], namesAndValues[i + 1]);
      known.add(namesAndValues[i]);
    }
    QueryLimits limits =
        new QueryLimits(
            1, 1, Duration.ofSeconds(1), 1 << 20, 1 << 20, Duration.ofDays(1), 10, 10, 1_000, 1);
    return new Params(map, limits, InstantSource.fixed(NOW), known);
  }

  @ParameterizedTest
  @CsvSource({
    "500us, 500000",
    "500µs, 500000",
    "500μs, 500000",
    "2ns, 2",
    "1.5s, 1500000000",
    ".5s, 500000000",
    "1m30s, 90000000000",
    "1h0m0.5s, 3600500000000",
    "250 ms, 250000000",
    "2S, 2000000000",
    "7d, 604800000000000",
    "1w, 604800000000000",
  })
  void durations_areReadAsGoWritesThem(String text, long nanos) {
    assertThat(params("min_duration", text).duration("min_duration"))
        .contains(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "250",
        "1.5",
        "s",
        "1x",
        "-1s",
        "1s-",
        "1m 30",
        "1..5s",
        "4000d",
        "999999999999999w"
      })
  void whatIsNoDuration_isRefused_withExamples(String text) {
    assertThatThrownBy(() -> params("min_duration", text).duration("min_duration"))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("min_duration: " + text)
        .hasMessageContaining("1m30s");
  }

  @Test
  void unixSeconds_keepTheirNanoseconds() {
    assertThat(params("start", "1796040000.123456789").time("start"))
        .contains(Instant.parse("2026-11-30T12:00:00.123456789Z"));
    assertThat(params("start", "1.7960400005e9").time("start"))
        .contains(Instant.parse("2026-11-30T12:00:00.5Z"));
    assertThat(params("start", "-1m30s").time("start")).contains(NOW.minusSeconds(90));
  }

  @ParameterizedTest
  @ValueSource(strings = {"service", "severity", "trace_id", "limit", "start"})
  void repeated_whereOneIsMeant_isRefusedByName(String name) {
    assertThatThrownBy(() -> params(name, "a", name, "b"))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining(name + ": 2 of them (expected: one)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"q", "contains", "not_contains", "regex", "not_regex", "attribute"})
  void repeated_whereSeveralMakeSense_allHold(String name) {
    Condition<LogCondition> both = LogFilterParams.read(params(name, "a=1", name, "b=2"));
    assertThat(both.parts()).hasSize(2);
    String[] many = new String[42];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = name;
      many[i + 1] = "a=" + i;
    }
    assertThatThrownBy(() -> params(many)).hasMessageContaining(name + ": 21 of them");
  }

  @Test
  void bodyFields_areNamedByTheirScope_orBesideAttributesOfThatName() {
    Condition<LogCondition> scoped =
        LogFilterParams.read(params("attribute", "body:user.id=42")).parts().get(0);
    assertThat(scoped).hasToString("Attribute[test=BODY:user.id=42]");
    Condition<LogCondition> either =
        LogFilterParams.read(params("attribute", "body.user.id=42")).parts().get(0);
    assertThat(either.form()).isEqualTo(Condition.Form.ANY);
    assertThat(either.parts())
        .extracting(Object::toString)
        .containsExactly(
            "Attribute[test=ITEM_OR_RESOURCE:body.user.id=42]", "Attribute[test=BODY:user.id=42]");
    Condition<LogCondition> neither =
        LogFilterParams.read(params("attribute", "body.user.id!=42")).parts().get(0);
    assertThat(neither.form()).isEqualTo(Condition.Form.NOT);
    assertThat(neither.parts().get(0).form()).isEqualTo(Condition.Form.ANY);
  }

  private static boolean finds(String attribute, AnyValue value) {
    List<Boolean> found =
        AttributeParams.read(
            params("attribute", attribute),
            (AttributeTest test) -> test.test(value),
            test -> !test.test(value));
    return found.get(0);
  }

  private static AnyValue whole(long value) {
    return AnyValue.newBuilder().setIntValue(value).build();
  }

  private static AnyValue real(double value) {
    return AnyValue.newBuilder().setDoubleValue(value).build();
  }

  private static AnyValue text(String value) {
    return AnyValue.newBuilder().setStringValue(value).build();
  }

  private static AnyValue flag(boolean value) {
    return AnyValue.newBuilder().setBoolValue(value).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"k=5", "k=5.0", "k=5e0", "k=+5", "k=0.5e1", "k=05"})
  void numbers_equalIntegersAndDoubles_howeverWritten(String attribute) {
    String negated = attribute.replace("=", "!=");
    assertThat(finds(attribute, whole(5))).isTrue();
    assertThat(finds(attribute, real(5))).isTrue();
    assertThat(finds(attribute, text("5"))).isFalse();
    assertThat(finds(attribute, whole(6))).isFalse();
    assertThat(finds(negated, whole(5))).isFalse();
    assertThat(finds(negated, real(5))).isFalse();
    assertThat(finds(negated, text("5"))).isTrue();
  }

  @Test
  void numbers_areExact_beyondDoubles() {
    assertThat(finds("k=9007199254740993", whole(9_007_199_254_740_993L))).isTrue();
    assertThat(finds("k=9007199254740993", whole(9_007_199_254_740_992L))).isFalse();
    assertThat(finds("k=9007199254740993", real(9_007_199_254_740_992.0))).isFalse();
    assertThat(finds("k=9007199254740992", real(9_007_199_254_740_992.0))).isTrue();
    assertThat(finds("k=9223372036854775807", whole(Long.MAX_VALUE))).isTrue();
    assertThat(finds("k=9223372036854775807", real(0x1p63))).isFalse();
    assertThat(finds("k=9223372036854775808", real(0x1p63))).isTrue();
    assertThat(finds("k=9223372036854775808", whole(Long.MAX_VALUE))).isFalse();
    assertThat(finds("k=1e999", real(Double.POSITIVE_INFINITY))).isFalse();
    assertThat(finds("k=0.1", real(0.1))).isTrue();
    assertThat(finds("k=0", real(-0.0))).isTrue();
  }

  @Test
  void quotes_makeStrings_andWordsAreTheTextOfAnything() {
    assertThat(finds("k=\"5\"", text("5"))).isTrue();
    assertThat(finds("k=\"5\"", whole(5))).isFalse();
    assertThat(finds("k!=\"5\"", whole(5))).isTrue();
    assertThat(finds("k=\"say \\\"hi\\\" \\\\o\"", text("say \"hi\" \\o"))).isTrue();
    assertThat(finds("k=\"", text("\""))).isTrue();
    assertThat(finds("k=true", flag(true))).isTrue();
    assertThat(finds("k=true", text("true"))).isFalse();
    assertThat(finds("k=\"true\"", text("true"))).isTrue();
    assertThat(finds("k=1.2.3", text("1.2.3"))).isTrue();
    assertThat(finds("k=0x10", text("0x10"))).isTrue();
    assertThat(finds("k=~5", text("5"))).isTrue();
    assertThat(finds("k=~5", whole(5))).isTrue();
  }
}
