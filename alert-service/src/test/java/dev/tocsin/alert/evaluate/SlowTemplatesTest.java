package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.AlertEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Templates that take long cost their own text, no page, and nobody else's time. */
class SlowTemplatesTest extends EvaluationFixture {
  private static final int ALERTS = 400;

  private static final String STORM =
      """
      - alert: Storm
        expr: storm > 5
        labels:
          team: shop
        annotations:
          summary: 'all: {{ range query "storm" }}{{ .Value }} {{ end }}'
          runbook: https://example.org/storm
      """;

  /** Each look at the clock takes a millisecond. */
  private long nanos;

  private final Activity activity = new Activity(() -> nanos += 1_000_000);

  @BeforeEach
  void driveByALookedAtClock() {
    evaluator = evaluation.evaluator(recorder, feed, recorder, meters, activity);
  }

  private void storm(double second) {
    for (int i = 0; i < ALERTS; i++) {
      gauge(second, 9, "__name__", "storm", "n", String.valueOf(i));
    }
    gauge(second, 9, "__name__", "m");
  }

  @Test
  void alertsFire_andSayThatTheirTextIsNotExpanded_whenTemplatesTakeTooLong() {
    define("file/slow", group(STORM));
    define("file/g", group("- alert: Even\n  expr: m > 5\n"));
    tick(0);
    storm(1);
    long before = activity.millis();
    tick(1);
    assertThat(activity.millis() - before).isLessThan(2_000);
    assertThat(firing("Even")).hasSize(1);
    assertThat(firing("Storm")).hasSize(ALERTS);
    assertThat(firing("Storm")).extracting(e -> e.labels().get("team")).containsOnly("shop");
    assertThat(firing("Storm"))
        .extracting(e -> e.annotations().get("runbook"))
        .containsOnly("https://example.org/storm");
    long unexpanded = firing("Storm").stream().filter(SlowTemplatesTest::isUnexpanded).count();
    assertThat(unexpanded).isBetween(1L, ALERTS - 1L);
    String error = evaluator.views().get(1).rules().get(0).error();
    assertThat(error)
        .startsWith(unexpanded + " annotations are not expanded for want of time")
        .contains("1000 ms");
    assertThat(evaluator.problems()).isEmpty();
    assertThat(
            meters.get("tocsin.rule.evaluations.slow").tag("group", "file/slow").counter().count())
        .isEqualTo(1);
    assertThat(
            meters
                .get("tocsin.rule.annotations.unexpanded")
                .tag("group", "file/slow")
                .counter()
                .count())
        .isEqualTo((double) unexpanded);
    assertThat(recorder.heartbeats).extracting(beat -> beat.ruleGroup()).contains("file/slow");
    tick(2);
    assertThat(evaluator.problems())
        .singleElement()
        .asString()
        .matches("rule group file/slow takes 1\\.\\d s of its interval of 1 s; .*");
  }

  @Test
  void groupIsWellAgain_whenItsTemplatesAre() {
    define("file/slow", group(STORM));
    tick(0);
    storm(1);
    tick(1);
    tick(2);
    assertThat(evaluator.problems()).isNotEmpty();
    define("file/slow", group("- alert: Storm\n  expr: storm > 5\n"));
    tick(3);
    tick(4);
    assertThat(evaluator.problems()).isEmpty();
  }

  @Test
  void sameQueryOfManyAlerts_isAskedOnce() {
    define(
        "file/slow",
        group(
            """
            - alert: Storm
              expr: storm > 5
              annotations:
                summary: '{{ query "count(storm)" | first | value }} of {{ $labels.n }}'
            """));
    tick(0);
    storm(1);
    long before = activity.millis();
    tick(1);
    // Each alert has a look or two at the clock; each query would have two more.
    assertThat(activity.millis() - before).isLessThan(3 * ALERTS);
    assertThat(firing("Storm"))
        .extracting(e -> e.annotations().get("summary"))
        .contains(ALERTS + " of 7");
    assertThat(firing("Storm")).noneMatch(SlowTemplatesTest::isUnexpanded);
  }

  @Test
  void alertsKeepTheirIdentity_whenTheirLabelsTakeTooLong() {
    String slow =
        """
        - alert: Storm
          expr: storm > 5
          labels:
            team: '{{ if gt (query "slow" | len) 0 }}{{ range query "storm" }}{{ end }}{{ end }}shop'
        - record: slowness
          expr: slow
        """;
    define("file/slow", group(slow));
    tick(0);
    storm(1);
    tick(1);
    assertThat(firing("Storm")).hasSize(ALERTS);
    recorder.events.clear();
    gauge(1.5, 1, "__name__", "slow");
    tick(2);
    assertThat(evaluator.views().get(0).rules().get(0).error()).contains("label");
    tick(63);
    assertThat(resolved("Storm")).isEmpty();
    assertThat(firing("Storm")).extracting(AlertEvent::startsAt).containsOnly(instant(1));
  }

  private static boolean isUnexpanded(AlertEvent event) {
    return event
        .annotations()
        .getOrDefault("summary", "")
        .equals(
            "<not expanded for want of time> "
                + "all: {{ range query \"storm\" }}{{ .Value }} {{ end }}");
  }
}
