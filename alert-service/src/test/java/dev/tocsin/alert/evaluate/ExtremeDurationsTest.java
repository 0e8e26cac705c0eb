package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.window.LiveWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A duration of one group, whatever it is, is that group's affair alone. */
class ExtremeDurationsTest extends EvaluationFixture {
  private static final List<String> DURATIONS =
      List.of("0s", "1ms", "99ms", "1s", "400d", "60y", "100y", "290y");

  static Stream<String> groups() {
    List<String> groups = new ArrayList<>();
    for (String one : DURATIONS) {
      groups.add(group(one, "0s", "0s", "1s", "0s"));
      groups.add(group("1s", one, "0s", "1s", "0s"));
      groups.add(group("1s", "0s", one, "1s", "0s"));
      groups.add(group("1s", "0s", "0s", one, "0s"));
      groups.add(group("1s", "0s", "0s", "1s", one));
      groups.add(group("1s", "0s", "0s", "1s", "-" + one));
    }
    Random random = new Random(7);
    for (int i = 0; i < 100; i++) {
      groups.add(
          group(any(random), any(random), any(random), any(random), sign(random) + any(random)));
    }
    return groups.stream();
  }

  private static String any(Random random) {
    return DURATIONS.get(random.nextInt(DURATIONS.size()));
  }

  private static String sign(Random random) {
    return random.nextBoolean() ? "-" : "";
  }

  private static String group(
      String interval, String queryOffset, String held, String range, String offset) {
    String nonZero = range.equals("0s") ? "2ms" : range;
    return """
        groups:
        - name: odd
          interval: %s
          query_offset: %s
          rules:
          - alert: Odd
            expr: m offset %s > 5 or max_over_time(m[%s] offset %s) > 5
            for: %s
            keep_firing_for: %s
          - record: odd_record
            expr: count_over_time(m[%s:%s] offset %s) or vector(1)
        """
        .formatted(
            interval, queryOffset, offset, nonZero, offset, held, held, nonZero, nonZero, offset);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void othersAreJudged_whateverTheDurationsOfOneGroupAre(String odd) {
    define("file/odd", odd);
    define("file/g", group("- alert: Even\n  expr: m > 5\n"));
    tick(0);
    gauge(1, 9, "__name__", "m");
    tick(1);
    tick(2);
    gauge(2.5, 1, "__name__", "m");
    tick(3);
    assertThat(firing("Even")).isNotEmpty();
    assertThat(resolved("Even")).isNotEmpty();
    assertThat(recorder.samples).allSatisfy(s -> assertThat(s.timeMs()).isNotNegative());
    assertThat(window.refusals()).doesNotContainKey(LiveWindow.Refusal.TOO_OLD);
    assertThat(evaluator.problems())
        .allSatisfy(problem -> assertThat(problem).contains("file/odd is not usable: interval"));
  }
}
