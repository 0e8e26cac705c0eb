package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.http.ProblemException;
import dev.tocsin.storage.ports.QueryLimits;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times as people type them, in every API that takes a time. */
class RelativeTimeTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  private static Params params(String name, String value) {
    return new Params(
        MultiMap.caseInsensitiveMultiMap().add(name, value), limits(), CLOCK, Set.of(name));
  }

  private static PromParams promParams(String name, String value) {
    return new PromParams(MultiMap.caseInsensitiveMultiMap().add(name, value), CLOCK);
  }

  private static QueryLimits limits() {
    return new QueryLimits(
        1, 1, Duration.ofSeconds(1), 1 << 20, 1 << 20, Duration.ofDays(1), 10, 10, 1_000, 1);
  }

  @Test
  void ago_isBeforeNow() {
    assertThat(params("start", "-10m").time("start")).contains(NOW.minus(Duration.ofMinutes(10)));
    assertThat(params("start", "now").time("start")).contains(NOW);
    assertThat(promParams("time", "-2h").time("time")).isEqualTo(NOW.minus(Duration.ofHours(2)));
    assertThat(promParams("time", "now").time("time")).isEqualTo(NOW);
  }

  @Test
  void range_mayBeRelative() {
    assertThat(params("start", "-30m").range().start())
        .isEqualTo(NOW.minus(Duration.ofMinutes(30)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-10", "10m", "--10m", "-10mm", "-", "-99999d", "-9999999999999999999s"})
  void whatIsNoTime_isRefused_withAnExample(String value) {
    assertThatThrownBy(() -> params("start", value).time("start"))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("start: " + value);
    assertThatThrownBy(() -> promParams("time", value).time("time"))
        .isInstanceOf(PromParams.BadData.class)
        .hasMessageContaining(value);
  }
}
