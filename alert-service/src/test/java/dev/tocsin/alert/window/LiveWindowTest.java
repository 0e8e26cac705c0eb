package dev.tocsin.alert.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.window.LiveWindow.Refusal;
import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import dev.tocsin.promql.series.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LiveWindowTest {
  private static final long T0 = 1_700_000_000_000L;
  private static final Offset<Double> CLOSE = Offset.offset(1e-3);

  private final PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());
  private LiveWindow window = window(100, 1_000);
  private long nowMs = T0;

  private static LiveWindow window(int seriesMax, long samplesMax) {
    LiveWindow window =
        new LiveWindow(new WindowLimits(seriesMax, samplesMax, 1 << 20, 1_000, 300_000, 600_000));
    Selection all =
        Selection.of(
            Set.of(
                PromqlParser.parseSelector("calls_total"),
                PromqlParser.parseSelector("queue{kind=\"in\"}")),
            300_000);
    window.reset(all, T0);
    return window;
  }

  private static Labels calls(String service) {
    return Labels.of("__name__", "calls_total", "service", service);
  }

  private void append(Labels labels, Kind kind, double second, double startSecond, double value) {
    nowMs = Math.max(nowMs, at(second));
    window.append(labels, kind, at(second), at(startSecond), value, nowMs);
  }

  private void delta(double second, double value) {
    append(calls("a"), Kind.DELTA, second, second - 0.2, value);
  }

  private void cumulative(double second, double startSecond, double value) {
    append(calls("a"), Kind.CUMULATIVE, second, startSecond, value);
  }

  private static long at(double second) {
    return T0 + (long) (second * 1_000);
  }

  /** The only value of the result, NaN when there is none. */
  private double query(String query, double second) {
    Value value =
        window.reading(
            () -> engine.instant(window, query, at(second), QueryContext.create()).value());
    Value.InstantVector vector = (Value.InstantVector) value;
    assertThat(vector.samples()).hasSizeLessThanOrEqualTo(1);
    return vector.samples().isEmpty() ? Double.NaN : vector.samples().get(0).value();
  }

  @Test
  void delta_isAddedUp() {
    delta(10, 3);
    delta(20, 4);
    assertThat(query("calls_total", 25)).isEqualTo(7);
  }

  @Test
  void firstDelta_countsInIncrease() {
    delta(100, 5);
    assertThat(query("increase(calls_total[5m])", 101)).isCloseTo(5, CLOSE);
  }

  @Test
  void increaseOfDeltas_isExact_howeverFewThereAre() {
    delta(100, 5);
    delta(100.2, 2);
    delta(250, 1);
    assertThat(query("increase(calls_total[5m])", 290)).isCloseTo(8, CLOSE);
    assertThat(query("increase(calls_total[1m])", 290)).isCloseTo(1, CLOSE);
  }

  @Test
  void deltasBeforeTheRange_doNotCount() {
    delta(10, 100);
    delta(400, 2);
    assertThat(query("increase(calls_total[5m])", 401)).isCloseTo(2, CLOSE);
  }

  @Test
  void lateDelta_countsWhenItArrives() {
    delta(100, 5);
    append(calls("a"), Kind.DELTA, 40, 39, 2);
    assertThat(query("calls_total", 100)).isEqualTo(7);
  }

  @Test
  void deltasOfOneMoment_areAllCounted() {
    delta(100, 5);
    delta(100, 6);
    assertThat(query("calls_total", 100)).isEqualTo(11);
  }

  @Test
  void closeDeltas_shareSamples_andLoseNothing() {
    for (int i = 0; i < 500; i++) {
      delta(100 + i * 0.02, 1);
    }
    assertThat(window.sampleCount()).isLessThan(30);
    assertThat(query("calls_total", 111)).isEqualTo(500);
  }

  @Test
  void deltaSeries_ends_whenNothingCameForTheLookback() {
    delta(100, 5);
    assertThat(query("calls_total", 400)).isEqualTo(5);
    assertThat(query("calls_total", 401)).isNaN();
    assertThat(query("rate(calls_total[5m])", 400.5)).isNaN();
  }

  @Test
  void counter_isReadAsItIs() {
    cumulative(10, -100, 50);
    cumulative(70, -100, 60);
    assertThat(query("calls_total", 71)).isEqualTo(60);
    assertThat(query("resets(calls_total[5m])", 71)).isEqualTo(0);
  }

  @Test
  void counterReset_isSeen_whenTheTotalFell() {
    cumulative(10, -100, 50);
    cumulative(70, -100, 5);
    assertThat(query("resets(calls_total[5m])", 71)).isEqualTo(1);
  }

  @Test
  void counterReset_isSeen_whenTheTotalIsHigherThanBefore() {
    cumulative(10, -100, 50);
    cumulative(130, 60, 55);
    assertThat(query("resets(calls_total[5m])", 131)).isEqualTo(1);
  }

  @Test
  void counterThatBeganInTheWindow_beganAtZero() {
    cumulative(70, 10, 60);
    assertThat(query("calls_total offset 30s", 75)).isEqualTo(0);
    assertThat(query("increase(calls_total[5m])", 75)).isGreaterThan(50);
  }

  @Test
  void counterThatBeganBeforeTheWindow_hasAnUnknownPast() {
    cumulative(70, -10, 60);
    assertThat(query("calls_total offset 30s", 75)).isNaN();
  }

  @Test
  void staleMarker_endsASeries() {
    append(queue("in"), Kind.GAUGE, 10, 0, 5);
    append(queue("in"), Kind.GAUGE, 20, 0, StaleMarker.VALUE);
    assertThat(query("queue", 15)).isEqualTo(5);
    assertThat(query("queue", 21)).isNaN();
  }

  @Test
  void seriesNobodySelects_isNotKept() {
    append(queue("out"), Kind.GAUGE, 10, 0, 5);
    append(Labels.of("__name__", "other"), Kind.GAUGE, 10, 0, 5);
    assertThat(window.seriesCount()).isZero();
    assertThat(window.mayWant("other")).isFalse();
    assertThat(window.mayWant("queue")).isTrue();
  }

  @Test
  void repeatedSample_isRefused() {
    append(queue("in"), Kind.GAUGE, 10, 0, 5);
    append(queue("in"), Kind.GAUGE, 10, 0, 6);
    assertThat(query("queue", 10)).isEqualTo(5);
    assertThat(window.refusals()).containsEntry(Refusal.OUT_OF_ORDER, 1L);
  }

  @Test
  void sampleFarAhead_isRefused() {
    window.append(queue("in"), Kind.GAUGE, at(601), 0, 5, at(0));
    assertThat(window.refusals()).containsEntry(Refusal.FUTURE, 1L);
  }

  @Test
  void seriesBeyondTheLimit_areRefused() {
    window = window(1, 1_000);
    append(calls("a"), Kind.GAUGE, 1, 0, 1);
    append(calls("b"), Kind.GAUGE, 1, 0, 1);
    assertThat(window.seriesCount()).isEqualTo(1);
    assertThat(window.refusals()).containsEntry(Refusal.SERIES_LIMIT, 1L);
  }

  @Test
  void samplesBeyondTheLimit_areRefused() {
    window = window(10, 2);
    for (int second = 1; second <= 4; second++) {
      append(calls("a"), Kind.GAUGE, second, 0, second);
    }
    assertThat(window.sampleCount()).isEqualTo(2);
    assertThat(window.refusals()).containsEntry(Refusal.SAMPLES_LIMIT, 2L);
  }

  @Test
  void prune_forgetsWhatNobodyCanSee_butTheValueAtTheEdge() {
    delta(10, 1);
    delta(200, 1);
    delta(700, 1);
    window.prune(at(800));
    assertThat(window.sampleCount()).isEqualTo(2);
    assertThat(query("increase(calls_total[5m])", 800)).isCloseTo(1, CLOSE);
    window.prune(at(1_400));
    assertThat(window.seriesCount()).isZero();
    assertThat(window.sampleCount()).isZero();
  }

  private static Labels queue(String kind) {
    return Labels.of("__name__", "queue", "kind", kind);
  }

  @Test
  void deltaSeriesThatResumes_addsOnlyWhatCameSince() {
    delta(10, 100);
    append(calls("a"), Kind.DELTA, 20, 19, StaleMarker.VALUE);
    delta(100, 5);
    assertThat(query("increase(calls_total[1m])", 101)).isCloseTo(5, CLOSE);
    assertThat(query("increase(calls_total[85s])", 101)).isCloseTo(5, CLOSE);
    assertThat(query("resets(calls_total[5m])", 101)).isZero();
    assertThat(query("calls_total", 101)).isEqualTo(105);
  }

  @Test
  void deltaBeforeTheEndOfItsSeries_doesNotReviveIt() {
    delta(10, 100);
    append(calls("a"), Kind.DELTA, 20, 19, StaleMarker.VALUE);
    delta(15, 5);
    assertThat(query("calls_total", 21)).isNaN();
    delta(100, 1);
    assertThat(query("increase(calls_total[1m])", 101)).isCloseTo(1, CLOSE);
  }

  @Test
  void rangeLongerThanWhatIsKept_countsNothingTwice() {
    delta(10, 100);
    delta(400, 2);
    delta(700, 3);
    window.prune(at(1_000));
    assertThat(query("increase(calls_total[20m])", 1_000)).isCloseTo(3, CLOSE);
  }

  @Test
  void deltaThatIsNoNumber_isRefused_andTheSeriesGoesOn() {
    delta(10, 100);
    delta(20, Double.POSITIVE_INFINITY);
    delta(30, Double.NaN);
    delta(40, 1);
    assertThat(query("calls_total", 41)).isEqualTo(101);
    assertThat(window.refusals()).containsEntry(Refusal.NOT_A_NUMBER, 2L);
  }

  @Test
  void clockSetBack_letsNewSamplesBeSeen() {
    delta(3_600, 100);
    append(queue("in"), Kind.GAUGE, 3_600, 0, 5);
    window.lookAtClock(at(3_600), 0);
    window.lookAtClock(at(10), 0);
    nowMs = at(10);
    delta(11, 1);
    append(queue("in"), Kind.GAUGE, 11, 0, 6);
    assertThat(query("calls_total", 12)).isEqualTo(101);
    assertThat(query("queue", 12)).isEqualTo(6);
  }

  @Test
  void clockSetBack_doesNotMakeAnOldValueThePresentOne() {
    append(queue("in"), Kind.GAUGE, 100, 0, 9);
    append(queue("in"), Kind.GAUGE, 200, 0, 1);
    window.lookAtClock(at(201), 201_000);
    window.lookAtClock(at(103), 203_000);
    assertThat(query("queue", 102)).isEqualTo(1);
    assertThat(query("queue", 103)).isEqualTo(1);
  }

  @Test
  void clockSetBack_leavesSeriesThatDoNotLieAheadOfIt() {
    append(queue("in"), Kind.GAUGE, 100, 0, 1);
    window.lookAtClock(at(301), 301_000);
    window.lookAtClock(at(101), 301_000);
    append(queue("in"), Kind.GAUGE, 102, 0, 2);
    assertThat(query("queue", 100)).isEqualTo(1);
  }

  @Test
  void windowWithoutRoom_namesWhatItLacks_untilThatIsLongAgo() {
    window = window(1, 1_000);
    append(calls("a"), Kind.GAUGE, 1, 0, 1);
    append(queue("in"), Kind.GAUGE, 1, 0, 1);
    assertThat(window.lack().of("queue")).isTrue();
    assertThat(window.lack().of("calls_total")).isFalse();
    window.prune(at(400));
    assertThat(window.lack().isNone()).isTrue();
  }

  @Test
  void outsizedSeries_lackInTheirMetric_untilTheLastIsLongAgo() {
    window.refuseOutsized("queue", at(1), 3, at(1));
    window.refuseOutsized("queue", at(100), 1, at(100));
    window.prune(at(390));
    assertThat(window.outsized().of("queue")).isTrue();
    assertThat(window.outsized().of("calls_total")).isFalse();
    assertThat(window.lack().isNone()).isTrue();
    assertThat(window.refusals()).containsEntry(Refusal.LABELS_TOO_LONG, 4L);
    window.prune(at(405));
    assertThat(window.outsized().isNone()).isTrue();
  }

  @Test
  void outsizedSeries_lackNothing_whenNobodyReadsThem_orTheyAreNotInTime() {
    window.refuseOutsized("other", at(1), 1, at(1));
    window.refuseOutsized("queue", at(602), 2, at(1));
    window.refuseOutsized("queue", at(1), 3, at(602));
    assertThat(window.outsized().isNone()).isTrue();
    assertThat(window.refusals())
        .containsExactlyInAnyOrderEntriesOf(Map.of(Refusal.FUTURE, 2L, Refusal.TOO_OLD, 3L));
  }

  @Test
  void metricsThatLackSamples_areAll_whenThereAreMoreThanCanBeListed() {
    window.reset(Selection.of(Set.of(PromqlParser.parseSelector("{job=\"a\"}")), 300_000), T0);
    for (int i = 0; i < 5_000; i++) {
      window.refuseOutsized("m" + i, at(1), 1, at(1));
    }
    assertThat(window.outsized().metrics()).hasSize(1_000);
    assertThat(window.outsized().of("whatever")).isTrue();
  }

  @Test
  void labelsBeyondTheLimit_areRefused() {
    for (int i = 0; i < 10; i++) {
      append(calls("x".repeat(200_000) + i), Kind.GAUGE, 1, 0, 1);
    }
    assertThat(window.seriesCount()).isEqualTo(5);
    assertThat(window.refusals()).containsEntry(Refusal.LABELS_LIMIT, 5L);
  }

  @Test
  void samplesReadAgainFromBeforeTheClockWasSetBack_hideNothing() {
    Labels queue = Labels.of("__name__", "queue", "kind", "in");
    window.append(queue, Kind.GAUGE, at(400), 0, 7, at(0));
    window.append(queue, Kind.GAUGE, at(1), 0, 9, at(1));
    assertThat(query("queue", 1)).isEqualTo(9);
    window.append(calls("a"), Kind.DELTA, at(400), at(399), 7, at(0));
    window.append(calls("a"), Kind.DELTA, at(1), at(0), 1, at(1));
    window.append(calls("a"), Kind.DELTA, at(20), at(19), 2, at(20));
    assertThat(query("sum(increase(calls_total[1m]))", 20)).isGreaterThan(0);
  }

  private static LiveWindow lookingBack(long callsMs, long queueMs, long samplesMax) {
    LiveWindow window =
        new LiveWindow(new WindowLimits(100, samplesMax, 1 << 20, 1_000, 300_000, 600_000));
    window.reset(
        Selection.union(
            List.of(
                Selection.of(Set.of(PromqlParser.parseSelector("calls_total")), callsMs),
                Selection.of(Set.of(PromqlParser.parseSelector("queue")), queueMs))),
        T0);
    return window;
  }

  @Test
  void series_areKeptAsLongAsTheirOwnSelectorsLookBack() {
    window = lookingBack(86_400_000, 300_000, 100_000);
    for (int second = 0; second < 7_200; second += 60) {
      append(calls("a"), Kind.GAUGE, second, 0, 1);
      append(queue("in"), Kind.GAUGE, second, 0, 1);
      window.prune(at(second));
    }
    assertThat(query("count_over_time(calls_total[1d])", 7_200)).isEqualTo(120);
    assertThat(query("count_over_time(queue[5m])", 7_200)).isEqualTo(4);
    assertThat(window.sampleCount()).isLessThan(120 + 15);
    window.append(queue("old"), Kind.GAUGE, at(6_000), 0, 1, at(7_200));
    assertThat(window.refusals()).containsOnlyKeys(Refusal.TOO_OLD);
  }

  @Test
  void selectorThatLooksFarBack_givesWay_andIsNamed_beforeAnythingNewIsRefused() {
    window = lookingBack(1_000L * 365 * 86_400, 300_000, 1_000);
    for (int second = 0; second < 100_000; second += 60) {
      append(calls("a"), Kind.GAUGE, second, 0, second);
      append(queue("in"), Kind.GAUGE, second, 0, second);
      window.prune(at(second));
      assertThat(query("queue", second)).isEqualTo(second);
      assertThat(query("calls_total", second)).isEqualTo(second);
    }
    assertThat(window.sampleCount()).isLessThanOrEqualTo(1_000);
    assertThat(window.lack().metrics()).containsExactly("calls_total");
    assertThat(query("count_over_time(queue[5m])", 99_960)).isEqualTo(5);
    assertThat(query("count_over_time(calls_total[1h])", 99_960)).isEqualTo(60);
  }

  @Test
  void selectorWithoutAName_thatGaveWay_isNamedAsAnyName() {
    window = new LiveWindow(new WindowLimits(100, 1_000, 1 << 20, 1_000, 300_000, 600_000));
    window.reset(Selection.of(Set.of(PromqlParser.parseSelector("{kind=\"in\"}")), 86_400_000), T0);
    for (int second = 0; second < 70_000; second += 60) {
      append(queue("in"), Kind.GAUGE, second, 0, second);
    }
    assertThat(window.lack().metrics()).containsExactly("(any name)");
  }

  @Test
  void selectorThatGaveWay_isComplete_onceWhatWasGivenUpIsOutOfItsSight() {
    window = lookingBack(7_200_000, 300_000, 200);
    for (int second = 0; second < 14_400; second += 30) {
      append(calls("a"), Kind.GAUGE, second, 0, second);
      window.prune(at(second));
    }
    assertThat(window.lack().of("calls_total")).isTrue();
    for (int second = 14_400; second < 40_000; second += 300) {
      append(calls("a"), Kind.GAUGE, second, 0, second);
      window.prune(at(second));
    }
    assertThat(window.lack().isNone()).isTrue();
    assertThat(query("count_over_time(calls_total[2h])", 39_900)).isEqualTo(24);
  }
}
