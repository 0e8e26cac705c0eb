package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.window.Selection;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.series.Labels;
import org.junit.jupiter.api.Test;

/** What is missing for a reason of ours is not taken for silence. */
class EvaluationGapTest extends EvaluationFixture {
  @Test
  void alert_goesOn_whenTheProcessStoodStillForLongerThanTheLookback() {
    fireBig();
    feed.through = 1;
    tick(700);
    tick(701);
    assertThat(resolved("Big")).isEmpty();
    gauge(695, 9, "__name__", "base");
    feed.through = Double.NaN;
    tick(702);
    tick(712);
    assertThat(resolved("Big")).isEmpty();
    assertThat(firing("Big"))
        .extracting(AlertEvent::eventId)
        .containsOnly(firing("Big").get(0).eventId());
  }

  @Test
  void alert_goesOn_whenSendersAreHeardAgainLaterThanKafka() {
    fireBig();
    feed.through = 1;
    for (int second = 20; second <= 400; second++) {
      tick(second);
    }
    feed.through = Double.NaN;
    tick(401);
    tick(402);
    gauge(430, 9, "__name__", "base");
    tick(431);
    assertThat(resolved("Big")).isEmpty();
    gauge(440, 1, "__name__", "base");
    tick(441);
    assertThat(resolved("Big")).isEmpty();
    tick(462);
    assertThat(resolved("Big")).hasSize(1);
    assertThat(firing("Big")).extracting(AlertEvent::startsAt).containsOnly(instant(1));
  }

  @Test
  void alert_isRepeated_whileNothingCanBeJudged() {
    fireBig();
    feed.through = 1;
    for (int second = 20; second <= 200; second++) {
      tick(second);
    }
    assertThat(firing("Big")).hasSize(4);
    assertThat(rule(0, 0).error()).contains("not judged: the live window lacks the last");
    assertThat(evaluator.problems()).singleElement().asString().contains("rules are not judged");
    assertThat(recorder.heartbeats.stream().filter(beat -> beat.ruleGroup().equals("file/g")))
        .allSatisfy(beat -> assertThat(beat.at()).isBefore(instant(12)));
  }

  @Test
  void heartbeats_goOut_afterGoodEvaluationsOnly() {
    define("file/g", BIG);
    for (int second = 0; second <= 60; second++) {
      tick(second);
    }
    assertThat(recorder.heartbeats.stream().filter(beat -> beat.ruleGroup().equals("file/g")))
        .extracting(beat -> beat.at())
        .containsExactly(instant(0), instant(10), instant(25), instant(40), instant(55));
    assertThat(recorder.heartbeats).allSatisfy(beat -> assertThat(beat.source()).isEqualTo("me"));
  }

  @Test
  void alertThatEndedMeanwhile_isResolved_onceTheWindowIsFilled() {
    fireBig();
    feed.through = 1;
    tick(700);
    gauge(690, 1, "__name__", "base");
    feed.through = Double.NaN;
    for (int second = 701; second < 715; second++) {
      tick(second);
    }
    // Why nothing was looked at nobody can tell: senders may have been held up as well.
    assertThat(resolved("Big")).isEmpty();
    for (int second = 715; second < 775; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).hasSize(1);
  }

  @Test
  void alertDoesNotEnd_byWhatAnOldClockMayHide_fromWhoeverFilledTheWindowSince() {
    fireBig();
    feed.wentBackFrom = 30;
    gauge(12, 1, "__name__", "base");
    for (int second = 12; second < 90; second += 2) {
      tick(second);
      assertThat(resolved("Big")).as("second " + second).isEmpty();
      gauge(second + 1, 1, "__name__", "base");
    }
    for (int second = 90; second < 100; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).hasSize(1);
  }

  @Test
  void alert_goesOn_whenTheProcessStoodStillWhileSendersWereHeldUp() {
    fireBig();
    gauge(2, 1, "__name__", "base");
    feed.through = 2;
    tick(90);
    tick(94);
    feed.through = Double.NaN;
    tick(95);
    tick(96);
    assertThat(resolved("Big")).isEmpty();
    gauge(98, 9, "__name__", "base");
    for (int second = 99; second < 170; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    assertThat(firing("Big")).extracting(AlertEvent::startsAt).containsOnly(instant(1));
  }

  @Test
  void fillingThatGetsOnForTooLong_onlyKeepsAlertsFromEnding() {
    fireBig();
    feed.through = 1;
    for (int second = 20; second <= 400; second++) {
      feed.records = second;
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    gauge(400, 9, "__name__", "base", "new", "yes");
    tick(401);
    assertThat(firing("Big")).anySatisfy(event -> assertThat(event.labels()).containsKey("new"));
    assertThat(resolved("Big")).isEmpty();
  }

  @Test
  void stalledFilling_holdsForAsLongAsItLasts() {
    fireBig();
    feed.through = 1;
    for (int second = 20; second <= 900; second += 5) {
      tick(second);
    }
    gauge(900, 9, "__name__", "base", "new", "yes");
    tick(901);
    assertThat(firing("Big")).noneSatisfy(event -> assertThat(event.labels()).containsKey("new"));
    assertThat(resolved("Big")).isEmpty();
  }

  @Test
  void alertOnDerivedSeries_goesOn_whileDeriveIsSilent_andOthersEnd() {
    define("file/g", FAILS);
    tick(0);
    calls(1, 3, "shop", "STATUS_CODE_ERROR");
    gauge(1, 9, "__name__", "base");
    tick(2);
    assertThat(firing("Fails")).hasSize(1);
    deriveAlive = false;
    for (int second = 3; second <= 400; second++) {
      tick(second);
    }
    assertThat(resolved("Fails")).isEmpty();
    assertThat(resolved("Big")).isNotEmpty();
    assertThat(evaluator.problems())
        .singleElement()
        .asString()
        .contains("derive is silent or behind");
    deriveAlive = true;
    for (int second = 401; second <= 420; second++) {
      tick(second);
    }
    assertThat(resolved("Fails")).hasSize(1);
    assertThat(resolved("Fails").get(0).updatedAt()).isAfter(instant(409));
  }

  @Test
  void alertOnRecordedSeries_goesOn_whileWhatTheyAreMadeOfIsNotDerived() {
    define("file/a", group("- record: total\n  expr: sum(traces_span_metrics_calls_total)\n"));
    define("file/b", group("- alert: Total\n  expr: total > 0\n"));
    tick(0);
    calls(1, 3, "shop", "STATUS_CODE_ERROR");
    tick(2);
    assertThat(firing("Total")).hasSize(1);
    deriveAlive = false;
    for (int second = 3; second <= 700; second++) {
      tick(second);
    }
    assertThat(resolved("Total")).isEmpty();
  }

  @Test
  void afterAGap_nothingBeginsOnDerivedSeries_beforeDeriveHasCaughtUp() {
    define("file/g", group("- alert: Silence\n  expr: absent(traces_span_metrics_calls_total)\n"));
    calls(1, 3, "shop", "STATUS_CODE_ERROR");
    tick(2);
    deriveAlive = false;
    feed.through = 2;
    tick(702);
    feed.through = Double.NaN;
    tick(703);
    tick(720);
    assertThat(firing("Silence")).isEmpty();
    deriveAlive = true;
    calls(721, 3, "shop", "STATUS_CODE_ERROR");
    tick(722);
    tick(740);
    assertThat(firing("Silence")).isEmpty();
  }

  @Test
  void fullWindow_keepsAlertsOnWhatItRefuses_andSaysSo() {
    define("file/g", BIG);
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    for (int i = 0; i < 1_000; i++) {
      gauge(2, 1, "__name__", "base", "i", "" + i);
    }
    tick(2);
    for (int second = 5; second <= 600; second += 5) {
      int now = second;
      append(
          () ->
              window.append(
                  Labels.of("__name__", "base", "more", "" + now),
                  Kind.GAUGE,
                  at(now),
                  0,
                  1,
                  at(now)));
      gauge(second, 1, "__name__", "base", "i", "" + second);
      tick(second);
    }
    assertThat(firing("TocsinWindowFull")).isNotEmpty();
    assertThat(firing("TocsinWindowFull").get(0).ruleGroup()).isEqualTo("tocsin/self");
    assertThat(firing("TocsinWindowFull").get(0).labels()).containsEntry("instance", "me");
    assertThat(resolved("Big")).isEmpty();
    assertThat(evaluator.problems())
        .anySatisfy(problem -> assertThat(problem).contains("no room for samples of [base]"));
  }

  @Test
  void fullWindow_isStillFull_forAProcessThatStarts() {
    fullWindow_keepsAlertsOnWhatItRefuses_andSaysSo();
    feed.through = 590;
    appended.clear();
    evaluator = evaluator();
    for (int second = 601; second <= 640; second++) {
      tick(second);
    }
    assertThat(resolved("TocsinWindowFull")).isEmpty();
  }

  /** A process begins with nothing judged; that is no page two minutes later. */
  @Test
  void startOfAProcess_isNoBlindness() {
    define("file/g", BIG);
    feed.through = -60;
    for (int second = 0; second <= 5; second++) {
      tick(second);
    }
    feed.through = Double.NaN;
    for (int second = 6; second <= 300; second++) {
      tick(second);
    }
    assertThat(firing("TocsinEvaluationHeld")).isEmpty();
  }

  /** Kafka gives it the rule groups of the one that died only later. */
  @Test
  void fullWindow_isStillFull_forAProcessThatHasNoGroupsYet() {
    fullWindow_keepsAlertsOnWhatItRefuses_andSaysSo();
    appended.clear();
    evaluator = evaluator();
    window.reset(Selection.NONE, at(600));
    for (int second = 601; second <= 660; second++) {
      tick(second);
    }
    assertThat(resolved("TocsinWindowFull")).isEmpty();
    for (int second = 661; second <= 800; second++) {
      tick(second);
    }
    assertThat(resolved("TocsinWindowFull")).isNotEmpty();
  }

  @Test
  void absenceOfWhatTheWindowRefuses_doesNotBegin() {
    define(
        "file/g",
        group(
            """
            - alert: Gone
              expr: absent_over_time(base[1m])
            - alert: Other
              expr: absent(other)
            """));
    gauge(-1, 9, "__name__", "base");
    for (int second = 0; second <= 600; second += 5) {
      outsized(second, "base");
      tick(second);
    }
    assertThat(firing("Gone")).isEmpty();
    assertThat(firing("Other")).isNotEmpty();
    for (int second = 601; second <= 1_200; second += 5) {
      tick(second);
    }
    assertThat(firing("Gone")).isNotEmpty();
  }

  @Test
  void absence_doesNotBegin_beforeSendersHadTheirTimeAfterAGap() {
    gauge(-1, 9, "__name__", "base");
    define("file/g", group("- alert: Gone\n  expr: absent(base)\n"));
    tick(1);
    feed.through = 2;
    for (int second = 2; second <= 700; second += 5) {
      tick(second);
    }
    feed.through = Double.NaN;
    for (int second = 700; second <= 740; second += 5) {
      tick(second);
    }
    gauge(745, 9, "__name__", "base");
    for (int second = 745; second <= 800; second += 5) {
      tick(second);
    }
    assertThat(firing("Gone")).isEmpty();
  }

  private void outsized(double second, String metric) {
    append(() -> window.refuseOutsized(metric, at(second), 1, at(second)));
  }

  @Test
  void outsizedSeries_keepAlertsOnTheirMetric_andSaySo_untilTheyStayAway() {
    define(
        "file/g",
        group(
            """
            - record: big
              expr: base > 5
            - alert: Big
              expr: big
            - alert: Other
              expr: other > 5
            """));
    tick(0);
    gauge(1, 9, "__name__", "base");
    gauge(1, 9, "__name__", "other");
    tick(1);
    assertThat(firing("Big")).hasSize(1);
    for (int second = 5; second <= 600; second += 5) {
      outsized(second, "base");
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    assertThat(resolved("Other")).isNotEmpty();
    assertThat(firing("TocsinWindowFull")).isEmpty();
    assertThat(firing("TocsinLabelsTooLong")).isNotEmpty();
    assertThat(evaluator.problems())
        .containsExactly(
            "alerts do not end: the live window leaves out samples with labels of more than"
                + " 32768 characters, of [base]");
    assertThat(
            meters
                .get("tocsin.window.refused")
                .tag("reason", "labels_too_long")
                .functionCounter()
                .count())
        .isEqualTo(120);
    for (int second = 605; second <= 915; second += 5) {
      tick(second);
    }
    assertThat(resolved("Big")).hasSize(1);
    assertThat(resolved("TocsinLabelsTooLong")).isNotEmpty();
    assertThat(evaluator.problems()).isEmpty();
  }

  @Test
  void outsizedSeries_areNamedInBoundedWords_howeverTheyAreNamed() {
    String huge = "m".repeat(1_100);
    define(
        "file/g",
        group("- alert: Any\n  expr: '{job=\"a\"} > 5'\n- alert: Big\n  expr: %s > 5\n")
            .formatted(huge));
    tick(0);
    gauge(1, 9, "__name__", huge);
    tick(1);
    for (int second = 5; second <= 600; second += 5) {
      outsized(second, huge);
      outsized(second, "");
      for (int i = 0; i < 20; i++) {
        outsized(second, huge + i);
      }
      tick(second);
    }
    assertThat(firing("Big")).isNotEmpty();
    assertThat(resolved("Big")).isEmpty();
    assertThat(evaluator.problems()).hasSize(1);
    assertThat(evaluator.problems().get(0))
        .contains("32768 characters, of [a metric without a name, mmm")
        .endsWith("] and others")
        .hasSizeLessThan(800);
  }

  @Test
  void blindEvaluation_raisesAnAlarmOfItsOwn() {
    define("file/g", BIG);
    tick(0);
    feed.through = 1;
    for (int second = 15; second <= 160; second++) {
      tick(second);
    }
    assertThat(firing("TocsinEvaluationHeld")).hasSizeGreaterThanOrEqualTo(1);
    feed.through = Double.NaN;
    for (int second = 161; second <= 170; second++) {
      tick(second);
    }
    assertThat(resolved("TocsinEvaluationHeld")).hasSize(1);
  }
}
