package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.window.Selection;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.series.Labels;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Clocks that are set, and processes that begin or take over: what lies ahead, or was not heard, is
 * not taken for silence either.
 */
class EvaluationTakeOverTest extends EvaluationFixture {
  @Test
  void clockSetBack_stopsNothing() {
    define("file/g", BIG);
    for (int second = 3_590; second <= 3_600; second++) {
      tick(second);
    }
    clockSetBySeconds = -3_600;
    append(() -> window.append(Labels.of("__name__", "base"), Kind.GAUGE, at(1), 0, 9, at(1)));
    tick(3_601);
    tick(3_602);
    assertThat(firing("Big")).hasSize(1);
    assertThat(firing("Big").get(0).updatedAt()).isBefore(instant(5));
  }

  @Test
  void clockSetBack_doesNotFireAgainWhatIsOver() {
    define("file/g", BIG);
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    gauge(11, 1, "__name__", "base");
    tick(11);
    assertThat(resolved("Big")).hasSize(1);
    clockSetBySeconds = -10;
    tick(12);
    gauge(3, 1, "__name__", "base");
    tick(13);
    assertThat(firing("Big")).hasSize(1);
  }

  /** A successor that finds nothing of what was heard before. */
  private void startAnew() {
    appended.clear();
    window.reset(Selection.NONE, T0);
    evaluator = evaluator();
  }

  @Test
  void alert_goesOn_whenAProcessStartsJustAfterTheClockWasSetBack() {
    fireBig();
    startAnew();
    clockSetBySeconds = -1_800;
    for (int second = 5; second < 120; second++) {
      tick(second);
    }
    gauge(120 - 1_800, 9, "__name__", "base");
    for (int second = 120; second < 200; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    assertThat(firing("Big")).extracting(AlertEvent::startsAt).containsOnly(instant(1));
  }

  @Test
  void deriveIsHeard_whenAProcessStartsJustAfterTheClockWasSetBack() {
    define("file/g", FAILS);
    for (int second = 0; second <= 3_600; second += 5) {
      tick(second);
    }
    startAnew();
    up.clear();
    deriveWell(3_500, 3_600);
    clockSetBySeconds = -3_000;
    for (int second = 3_601; second <= 3_700; second++) {
      tick(second);
    }
    assertThat(evaluator.problems()).isEmpty();
    deriveAlive = false;
    for (int second = 3_701; second <= 3_730; second++) {
      tick(second);
    }
    assertThat(evaluator.problems()).anySatisfy(p -> assertThat(p).contains("derive is silent"));
  }

  @Test
  void stepThatWasNoticedLongAgo_holdsNothingUp_whenAnAlertOfBeforeIsTakenOver() throws Exception {
    fireBig();
    ownership.revoked(List.of(0), 0);
    tick(2);
    clockSetBySeconds = -1_800;
    for (int second = 3; second < 700; second++) {
      tick(second);
    }
    ownership.assigned(List.of(0));
    define("file/g", BIG);
    gauge(700 - 1_800, 1, "__name__", "base");
    for (int second = 700; second < 702; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).hasSize(1);
  }

  @Test
  void alert_goesOn_whenAllWereAwayForLongerThanTheLookback() {
    fireBig();
    startAnew();
    for (int second = 900; second < 930; second++) {
      tick(second);
    }
    gauge(930, 9, "__name__", "base");
    for (int second = 930; second < 1_000; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    assertThat(firing("Big")).extracting(AlertEvent::startsAt).containsOnly(instant(1));
  }

  @Test
  void alertThatEndedWhileAllWereAway_isResolved_onceSendersHadTheirTime() {
    fireBig();
    startAnew();
    gauge(900, 1, "__name__", "base");
    for (int second = 900; second < 960; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    tick(961);
    assertThat(resolved("Big")).hasSize(1);
  }

  @Test
  void alert_goesOn_whenWhoTakesItOverHasHeardNobodyYet() {
    fireBig();
    startAnew();
    gauge(5, 1, "__name__", "base");
    for (int second = 10; second < 70; second++) {
      tick(second);
    }
    assertThat(resolved("Big")).isEmpty();
    tick(71);
    assertThat(resolved("Big")).hasSize(1);
  }

  @Test
  void alertThatIsHandedOver_toWhoHasListenedAllTheTime_isResolvedAtOnce() throws Exception {
    fireBig();
    ownership.revoked(List.of(0), 0);
    evaluator = evaluator();
    for (int second = 5; second < 70; second++) {
      tick(second);
    }
    ownership.assigned(List.of(0));
    define("file/g", BIG);
    gauge(70, 1, "__name__", "base");
    tick(71);
    assertThat(resolved("Big")).hasSize(1);
  }

  @Test
  void clockSetForward_resolvesNothing_andFiresNothingEarly() {
    define(
        "file/g",
        group("- alert: Big\n  expr: base > 5\n- alert: Slow\n  expr: base > 5\n  for: 10m\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(firing("Big")).hasSize(1);
    clockSetBySeconds = 3_600;
    tick(2);
    tick(3);
    assertThat(resolved("Big")).isEmpty();
    gauge(3_603, 9, "__name__", "base");
    tick(4);
    tick(5);
    assertThat(firing("Slow")).isEmpty();
    assertThat(resolved("Big")).isEmpty();
    assertThat(firing("Big")).extracting(AlertEvent::startsAt).containsOnly(instant(1));
  }

  @Test
  void pendingAlert_isMeasuredByTheTimeThatPassed_whenTheClockIsSet() {
    define("file/g", group("- alert: Big\n  expr: base > 5\n  for: 20s\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    clockSetBySeconds = 600;
    gauge(602, 9, "__name__", "base");
    tick(2);
    tick(20);
    assertThat(firing("Big")).isEmpty();
    tick(22);
    assertThat(firing("Big")).hasSize(1);
    assertThat(Duration.between(firing("Big").get(0).startsAt(), instant(622))).isZero();
  }
}
