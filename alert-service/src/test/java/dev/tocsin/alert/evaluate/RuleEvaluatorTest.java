package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.series.StaleMarker;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What owned rule groups do turn by turn. */
class RuleEvaluatorTest extends EvaluationFixture {
  @Test
  void defaultErrorRate_isZeroWithoutErrors_andAbsentWithoutCalls() {
    ownDefaults();
    calls(10, 50, "good", "STATUS_CODE_UNSET");
    calls(10, 40, "bad", "STATUS_CODE_UNSET");
    calls(10, 10, "bad", "STATUS_CODE_ERROR");
    tick(11);
    assertThat(published("error_rate"))
        .extracting(s -> s.labels().get("service_name") + "=" + Math.round(s.value() * 1e6) / 1e6)
        .containsExactlyInAnyOrder("good=0.0", "bad=0.2");
    tick(320);
    assertThat(published("error_rate").stream().filter(s -> StaleMarker.is(s.value()))).hasSize(2);
  }

  @Test
  void defaultHighErrorRate_firesAfterFiveMinutes_andResolves() {
    ownDefaults();
    for (int second = 1; second <= 310; second++) {
      calls(second, 9, "shop", "STATUS_CODE_UNSET");
      calls(second, 1, "shop", "STATUS_CODE_ERROR");
      tick(second + 0.5);
      if (second < 301) {
        assertThat(recorder.events).isEmpty();
      }
    }
    AlertEvent firing = recorder.events.get(0);
    assertThat(firing.labels())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("alertname", "high_error_rate", "severity", "critical", "service_name", "shop"));
    assertThat(firing.annotations().get("summary")).isEqualTo("shop fails 10% of its calls");
    assertThat(firing.startsAt()).isEqualTo(Instant.ofEpochMilli(at(301)));
    for (int second = 311; second <= 620; second++) {
      calls(second, 10, "shop", "STATUS_CODE_UNSET");
      tick(second + 0.5);
    }
    AlertEvent last = recorder.events.get(recorder.events.size() - 1);
    assertThat(last.status()).isEqualTo(AlertEvent.Status.RESOLVED);
    assertThat(last.startsAt()).isEqualTo(firing.startsAt());
  }

  @Test
  void defaultServiceDown_namesTheJob() {
    ownDefaults();
    up.heartbeat("shop", "i-1", at(0));
    for (int second = 0; second <= 220; second++) {
      up.pipelineAlive(at(second));
      tick(second);
    }
    assertThat(recorder.events).hasSize(1);
    assertThat(recorder.events.get(0).rule()).isEqualTo("service_down");
    assertThat(recorder.events.get(0).annotations().get("summary"))
        .isEqualTo("shop has stopped reporting");
    assertThat(recorder.events.get(0).startsAt()).isEqualTo(Instant.ofEpochMilli(at(211)));
  }

  @Test
  void laterRule_seesWhatEarlierOnesMade_inTheSameEvaluation() {
    define(
        "file/g",
        group(
            """
            - record: doubled
              expr: base * 2
            - alert: Big
              expr: doubled > 5
            - record: firing
              expr: count(ALERTS{alertstate="firing"})
            """));
    tick(0);
    gauge(1, 3, "__name__", "base");
    tick(1);
    assertThat(recorder.events).hasSize(1);
    assertThat(published("firing")).extracting(GaugeSample::value).containsExactly(1.0);
    assertThat(published("firing").get(0).timeMs()).isEqualTo(at(1));
  }

  @Test
  void alertSeries_areWrittenAndMarkedStale_whenGone() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n  for: 2s\n"));
    tick(0);
    gauge(1, 9, "__name__", "base", "a", "b");
    tick(1);
    tick(3);
    gauge(4, 1, "__name__", "base", "a", "b");
    tick(4);
    assertThat(published("ALERTS"))
        .extracting(
            s -> s.labels().get("alertstate") + (StaleMarker.is(s.value()) ? " ends" : " 1"))
        .containsExactly("pending 1", "firing 1", "pending ends", "firing ends");
    assertThat(published("ALERTS_FOR_STATE").get(0).value()).isEqualTo(at(1) / 1_000.0);
  }

  @Test
  void successor_goesOnExactly_whereThePredecessorStood() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n  for: 2s\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    tick(3);
    assertThat(recorder.events).hasSize(1);
    evaluator = evaluator();
    tick(4);
    gauge(4.5, 9, "__name__", "base");
    tick(5);
    assertThat(recorder.events).hasSize(1);
    tick(64);
    assertThat(recorder.events).hasSize(2);
    assertThat(recorder.events.get(1).eventId()).isEqualTo(recorder.events.get(0).eventId());
  }

  @Test
  void nothingIsLost_whenPublishingFailsForAWhile() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n"));
    tick(0);
    recorder.failing = true;
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(evaluator.publishProblem()).contains("Kafka is away");
    recorder.failing = false;
    tick(2);
    assertThat(recorder.events).hasSize(1);
    assertThat(published("ALERTS")).hasSize(1);
    assertThat(evaluator.publishProblem()).isEmpty();
  }

  @Test
  void deletedGroup_resolvesItsAlerts() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    ownership.group(0, "file/g", Optional.empty());
    tick(2);
    assertThat(recorder.events)
        .extracting(AlertEvent::status)
        .containsExactly(AlertEvent.Status.FIRING, AlertEvent.Status.RESOLVED);
    assertThat(recorder.states).isEmpty();
    assertThat(evaluator.views()).isEmpty();
  }

  @Test
  void groupDeletedWhileNobodyRan_resolvesItsAlerts() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    ownership.group(0, "file/g", Optional.empty());
    evaluator = evaluator();
    tick(2);
    tick(3);
    assertThat(recorder.events).hasSize(2);
    assertThat(recorder.events.get(1).status()).isEqualTo(AlertEvent.Status.RESOLVED);
    assertThat(recorder.states).isEmpty();
  }

  @Test
  void groupWhoseNameWasHalfACharacter_resolvesItsAlerts_whenItIsDeleted() {
    RuleGroupRecord odd =
        new RuleGroupRecord("file/surr\ud800x", "file", group("- alert: Big\n  expr: base > 5\n"));
    ownership.group(0, "file/surr?x", Optional.of(odd));
    ownership.caughtUp(0);
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    tick(2);
    assertThat(recorder.events).hasSize(1);
    ownership.group(0, "file/surr?x", Optional.empty());
    evaluator = evaluator();
    tick(3);
    tick(4);
    assertThat(recorder.events)
        .extracting(AlertEvent::status)
        .containsExactly(AlertEvent.Status.FIRING, AlertEvent.Status.RESOLVED);
    assertThat(recorder.states).isEmpty();
  }

  @Test
  void ruleRemovedFromItsGroup_resolvesItsAlerts() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n- alert: Any\n  expr: base\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    define("file/g", group("- alert: Any\n  expr: base\n"));
    tick(2);
    assertThat(recorder.events)
        .extracting(event -> event.rule() + " " + event.status())
        .containsExactlyInAnyOrder("Big FIRING", "Any FIRING", "Big RESOLVED");
  }

  @Test
  void rulesOfOneName_haveStatesOfTheirOwn() {
    define(
        "file/g",
        group(
            """
            - alert: Big
              expr: base > 5
              labels: {severity: warning}
            - alert: Big
              expr: base > 8
              labels: {severity: critical}
            """));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    evaluator = evaluator();
    tick(2);
    gauge(2.5, 6, "__name__", "base");
    tick(3);
    // Whoever takes an alert over ends it only when there was time to hear senders.
    tick(63);
    assertThat(firing("Big"))
        .extracting(event -> event.labels().get("severity"))
        .containsOnly("warning", "critical");
    assertThat(resolved("Big"))
        .extracting(event -> event.labels().get("severity"))
        .containsExactly("critical");
  }

  @Test
  void missedIterations_areSkippedAndCounted() {
    define("file/g", group("- record: one\n  expr: vector(1)\n"));
    tick(0);
    tick(5);
    assertThat(published("one")).extracting(GaugeSample::timeMs).containsExactly(at(0));
    assertThat(meters.get("tocsin.rule.iterations.missed").tag("group", "file/g").counter().count())
        .isEqualTo(4);
  }

  @Test
  void failingRule_keepsItsAlerts_andSaysWhy() {
    define("file/g", group("- alert: Big\n  expr: base * on(x) group_left() other > 0\n"));
    tick(0);
    gauge(1, 1, "__name__", "base", "x", "1");
    gauge(1, 1, "__name__", "other", "x", "1");
    tick(1);
    assertThat(recorder.events).hasSize(1);
    gauge(1.5, 1, "__name__", "other", "x", "1", "y", "2");
    tick(2);
    RuleView rule = evaluator.views().get(0).rules().get(0);
    assertThat(rule.error()).contains("many-to-many");
    assertThat(rule.alerts()).hasSize(1);
    assertThat(recorder.events).hasSize(1);
  }

  @Test
  void recordingRule_errs_whenLabelsMakeItsSeriesEqual() {
    define("file/g", group("- record: r\n  expr: base\n  labels: {a: x}\n"));
    tick(0);
    gauge(1, 1, "__name__", "base", "a", "1");
    gauge(1, 1, "__name__", "base", "a", "2");
    tick(1);
    assertThat(evaluator.views().get(0).rules().get(0).error()).contains("same labelset");
    assertThat(published("r")).isEmpty();
  }

  @Test
  void queryOffset_shiftsQueriesAndSeries() {
    String yaml =
        group("- alert: Big\n  expr: base > 5\n").replace(": g\n", ": g\n  query_offset: 10s\n");
    define("file/g", yaml);
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(10);
    assertThat(recorder.events).isEmpty();
    tick(11);
    assertThat(recorder.events).hasSize(1);
    assertThat(recorder.events.get(0).startsAt()).isEqualTo(Instant.ofEpochMilli(at(11)));
    assertThat(published("ALERTS").get(0).timeMs()).isEqualTo(at(1));
  }

  @Test
  void revokedGroup_isLetGoWithoutAWord() throws Exception {
    define("file/g", group("- alert: Big\n  expr: base > 5\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    Thread revoking =
        new Thread(
            () -> {
              try {
                ownership.revoked(List.of(0), 60_000);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    revoking.start();
    while (!evaluator.views().isEmpty()) {
      tick(2);
    }
    revoking.join(60_000);
    assertThat(revoking.isAlive()).isFalse();
    assertThat(recorder.events).hasSize(1);
    assertThat(recorder.states).hasSize(1);
  }

  @Test
  void up_isPublishedByTheOwnerOfPartitionZeroOnly() {
    up.heartbeat("shop", "i", at(0));
    ownership.caughtUp(0);
    tick(1);
    assertThat(published("up")).hasSize(1);
    ownership.assigned(List.of(0));
    tick(20);
    assertThat(published("up")).hasSize(1);
  }

  @Test
  void unchangedSamples_areRepeatedSeldom() {
    define("file/g", group("- record: one\n  expr: vector(1)\n"));
    for (int second = 0; second <= 30; second++) {
      tick(second);
    }
    assertThat(published("one"))
        .extracting(GaugeSample::timeMs)
        .containsExactly(at(0), at(15), at(30));
  }
}
