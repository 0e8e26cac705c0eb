package dev.tocsin.alert.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpTrackerTest {
  private static final long T0 = 1_700_000_000_000L;

  private final UpTracker tracker = new UpTracker(150_000, 3_600_000, 0, 15_000, 3);

  private static long at(long second) {
    return T0 + second * 1_000;
  }

  private void alive(long fromSecond, long toSecond) {
    for (long second = fromSecond; second <= toSecond; second += 5) {
      tracker.pipelineAlive(at(second));
    }
  }

  private List<String> up(long second) {
    List<String> shown = new ArrayList<>();
    for (UpTracker.Up one : tracker.at(at(second))) {
      shown.add(one.target().job() + "/" + one.target().instance() + "=" + (one.up() ? 1 : 0));
    }
    shown.sort(null);
    return shown;
  }

  @Test
  void target_isUp_whileHeartbeatsCome() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 150);
    assertThat(up(150)).containsExactly("shop/a=1");
  }

  @Test
  void target_isDown_whenSilentForLongerThanTheTimeout() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 151);
    assertThat(up(151)).containsExactly("shop/a=0");
  }

  @Test
  void target_isUpAgain_whenItReportsAgain() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 300);
    assertThat(up(300)).containsExactly("shop/a=0");
    tracker.heartbeat("shop", "a", at(301));
    assertThat(up(301)).containsExactly("shop/a=1");
  }

  @Test
  void target_isForgotten_afterForgetAfter() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 3_601);
    assertThat(up(3_600)).containsExactly("shop/a=0");
    assertThat(up(3_601)).isEmpty();
  }

  @Test
  void replacedInstance_justEnds_whenItsSuccessorBeganBeforeItStopped() {
    tracker.heartbeat("shop", "old", at(0));
    tracker.heartbeat("shop", "new", at(570));
    tracker.heartbeat("shop", "old", at(600));
    tracker.heartbeat("shop", "new", at(800));
    alive(0, 800);
    assertThat(up(800)).containsExactly("shop/new=1");
  }

  @Test
  void instance_isDown_whenItsSiblingHadBeenThereForLong() {
    tracker.heartbeat("shop", "a", at(0));
    tracker.heartbeat("shop", "b", at(0));
    tracker.heartbeat("shop", "b", at(400));
    tracker.heartbeat("shop", "a", at(700));
    alive(0, 700);
    assertThat(up(700)).containsExactly("shop/a=1", "shop/b=0");
  }

  @Test
  void newInstanceOfAnotherJob_replacesNobody() {
    tracker.heartbeat("shop", "a", at(0));
    tracker.heartbeat("cart", "b", at(200));
    alive(0, 200);
    assertThat(up(200)).containsExactly("cart/b=1", "shop/a=0");
  }

  @Test
  void judgement_standsStill_whileDeriveIsSilent() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 100);
    assertThat(up(1_000)).containsExactly("shop/a=1");
  }

  @Test
  void everybody_getsTheWholeTimeoutAgain_whenDeriveIsBack() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 100);
    alive(1_000, 1_150);
    assertThat(up(1_150)).containsExactly("shop/a=1");
    alive(1_155, 1_160);
    assertThat(up(1_160)).containsExactly("shop/a=0");
  }

  @Test
  void replayOutOfOrder_comesToTheSameJudgement() {
    tracker.heartbeat("shop", "a", at(0));
    alive(100, 200);
    alive(0, 95);
    assertThat(up(200)).containsExactly("shop/a=0");
  }

  /** As when a process begins just after the clock was set back, and reads what there is. */
  @Test
  void whatWasHeardAtTimesThatLieAhead_hidesNoSilence() {
    tracker.heartbeat("shop", "a", at(3_600));
    alive(3_540, 3_600);
    assertThat(tracker.liesAhead(at(0))).isTrue();
    tracker.bringToPresent(at(0));
    assertThat(tracker.liesAhead(at(0))).isFalse();
    alive(0, 60);
    assertThat(up(60)).containsExactly("shop/a=1");
    assertThat(tracker.pipelineSteadyMs()).isEqualTo(60_000);
    alive(65, 200);
    assertThat(up(200)).containsExactly("shop/a=0");
    assertThat(tracker.pipelineFresh(at(220))).isFalse();
  }

  @Test
  void clocksOfOtherMachines_mayDifferALittle() {
    tracker.heartbeat("shop", "a", at(5));
    assertThat(tracker.liesAhead(at(0))).isFalse();
  }

  /** curl, a job of cron, a program under test. */
  @Test
  void whoReportedForAShortTime_isMissedByNobody() {
    UpTracker settling = new UpTracker(150_000, 3_600_000, 600_000, 15_000, 3);
    settling.heartbeat("cron", "a", at(0));
    settling.heartbeat("cron", "a", at(300));
    settling.heartbeat("shop", "b", at(0));
    settling.heartbeat("shop", "b", at(600));
    for (int second = 0; second <= 1_000; second += 5) {
      settling.pipelineAlive(at(second));
      settling.at(at(second));
    }
    assertThat(settling.at(at(400))).isNotEmpty();
    assertThat(settling.at(at(1_000)))
        .containsExactly(new UpTracker.Up(new UpTracker.Target("shop", "b"), false));
  }

  /** The page of one that was replaced would come hours late, and for the wrong one. */
  @Test
  void whoWasReplaced_staysReplaced_whenTheSuccessorDies() {
    tracker.heartbeat("shop", "old", at(0));
    tracker.heartbeat("shop", "old", at(600));
    tracker.heartbeat("shop", "new", at(570));
    tracker.heartbeat("shop", "new", at(1_800));
    alive(0, 2_000);
    assertThat(up(2_000)).containsExactly("shop/new=0");
  }

  /** Then nobody is left, and the page must come. */
  @Test
  void whoWasReplaced_isDown_whenTheSuccessorDiesAtOnce() {
    UpTracker settling = new UpTracker(150_000, 3_600_000, 600_000, 15_000, 3);
    settling.heartbeat("shop", "old", at(0));
    settling.heartbeat("shop", "old", at(900));
    settling.heartbeat("shop", "new", at(905));
    settling.heartbeat("shop", "new", at(930));
    for (int second = 0; second <= 1_060; second += 5) {
      settling.pipelineAlive(at(second));
    }
    assertThat(settling.at(at(1_060)))
        .containsExactly(new UpTracker.Up(new UpTracker.Target("shop", "new"), true));
    for (int second = 1_065; second <= 1_200; second += 5) {
      settling.pipelineAlive(at(second));
    }
    assertThat(settling.at(at(1_200)))
        .containsExactly(new UpTracker.Up(new UpTracker.Target("shop", "old"), false));
  }

  /** Kafka stood still for 16 s, and nobody's alert ends and fires again for that. */
  @Test
  void whoWasDownBeforeASilence_staysDown() {
    tracker.heartbeat("shop", "a", at(0));
    alive(0, 300);
    assertThat(up(300)).containsExactly("shop/a=0");
    alive(316, 400);
    assertThat(up(320)).containsExactly("shop/a=0");
    tracker.heartbeat("shop", "a", at(401));
    assertThat(up(401)).containsExactly("shop/a=1");
  }

  @Test
  void targetsBeyondTheLimit_areRefusedAndCounted() {
    for (String instance : List.of("a", "b", "c", "d")) {
      tracker.heartbeat("shop", instance, at(0));
    }
    assertThat(tracker.size()).isEqualTo(3);
    assertThat(tracker.refused()).isEqualTo(1);
  }
}
