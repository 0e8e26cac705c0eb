package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.evaluate.publish.RuleSources;
import dev.tocsin.alert.evaluate.window.LiveWindow;
import dev.tocsin.alert.evaluate.window.Selection;
import dev.tocsin.alert.evaluate.window.WindowLimits;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.otlp.SeriesSink.Kind;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.promql.EngineOptions;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.StaleMarker;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Evaluation over fakes of its ports, with the clock in the test's hand. */
class EvaluatorTest {
  private static final long T0 = 1_700_000_000_000L;

  private final Ownership ownership = new Ownership();
  private final PrometheusMeterRegistry meters = ProcessMetrics.registry("test");
  private final Recorder recorder = new Recorder();
  private final LiveWindow window =
      new LiveWindow(new WindowLimits(1_000, 100_000, 1_000, 300_000, 600_000));
  private final UpTracker up = new UpTracker(150_000, 3_600_000, 15_000, 100);
  private final List<Runnable> appended = new ArrayList<>();
  private Evaluator evaluator = evaluator();

  /** What was published, and the states a successor would find. */
  private static final class Recorder implements Publisher, StateStore {
    private final List<AlertEvent> events = new ArrayList<>();
    private final List<GaugeSample> samples = new ArrayList<>();
    private final Map<String, AlertStateRecord> states = new LinkedHashMap<>();
    private boolean failing;

    @Override
    public void publish(Publication publication) {
      if (failing) {
        throw new IllegalStateException("Kafka is away");
      }
      events.addAll(publication.events());
      samples.addAll(publication.samples());
      publication.states().forEach(state -> states.put(state.key(), state));
      publication.forgottenStates().forEach(states::remove);
    }

    @Override
    public List<AlertStateRecord> load(Set<String> groups) {
      return states.values().stream().filter(s -> groups.contains(s.ruleGroup())).toList();
    }

    @Override
    public void close() {}
  }

  /** A feed that is always up to date: tests fill the window by hand, it does so again. */
  private final class HandFed implements WindowFeed {
    @Override
    public void follow(Selection selection) {
      window.reset(selection, T0);
      appended.forEach(window::writing);
    }

    @Override
    public boolean ready() {
      return true;
    }
  }

  private Evaluator evaluator() {
    EngineOptions engine = EngineOptions.defaults();
    EvaluationSettings settings =
        new EvaluationSettings(Duration.ofMinutes(1), Duration.ofMinutes(15), "http://tocsin");
    OwnedGroups owned =
        new OwnedGroups(
            ownership,
            recorder,
            new RuleGroups(Duration.ofSeconds(1)),
            settings,
            engine.lookback());
    return new Evaluator(
        new PromqlEngine(engine),
        window,
        up,
        owned,
        new HandFed(),
        recorder,
        new EvaluateMetrics(meters, window),
        1_000);
  }

  @BeforeEach
  void own() {
    up.pipelineAlive(at(0));
    ownership.assigned(List.of(0));
  }

  private void define(String key, String yaml) {
    ownership.group(0, key, Optional.of(new RuleGroupRecord(key, "file", yaml)));
    ownership.caughtUp(0);
  }

  private void tick(double second) {
    evaluator.tick(at(second));
  }

  private static long at(double second) {
    return T0 + (long) (second * 1_000);
  }

  private void append(Runnable sample) {
    appended.add(sample);
    window.writing(sample);
  }

  private void gauge(double second, double value, String... labels) {
    append(() -> window.append(Labels.of(labels), Kind.GAUGE, at(second), 0, value, at(second)));
  }

  private void calls(double second, double count, String service, String status) {
    Labels labels =
        Labels.of(
            "__name__", "traces_span_metrics_calls_total",
            "service_name", service,
            "span_kind", "SPAN_KIND_SERVER",
            "span_name", "GET /",
            "status_code", status);
    append(
        () -> window.append(labels, Kind.DELTA, at(second), at(second - 0.2), count, at(second)));
  }

  private List<GaugeSample> published(String metric) {
    return recorder.samples.stream().filter(s -> s.labels().metricName().equals(metric)).toList();
  }

  private void ownDefaults() {
    RuleSources.read(true, List.of())
        .forEach((key, group) -> ownership.group(0, key, Optional.of(group)));
    ownership.caughtUp(0);
    tick(0);
  }

  private static String group(String rules) {
    return "groups:\n- name: g\n  rules:\n" + rules.indent(2);
  }

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
  void defaultServiceDown_namesTheInstance() {
    ownDefaults();
    up.heartbeat("shop", "i-1", at(0));
    for (int second = 0; second <= 220; second++) {
      up.pipelineAlive(at(second));
      tick(second);
    }
    assertThat(recorder.events).hasSize(1);
    assertThat(recorder.events.get(0).rule()).isEqualTo("service_down");
    assertThat(recorder.events.get(0).annotations().get("summary"))
        .isEqualTo("shop (i-1) has stopped reporting");
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
    assertThat(recorder.events)
        .extracting(event -> event.labels().get("severity") + " " + event.status())
        .containsExactlyInAnyOrder("warning FIRING", "critical FIRING", "critical RESOLVED");
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
