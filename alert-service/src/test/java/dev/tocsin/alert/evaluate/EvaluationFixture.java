package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.evaluate.group.EvaluationSettings;
import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.alert.rules.Ownership;
import dev.tocsin.alert.rules.RuleSources;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.Selection;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.alert.window.WindowLimits;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.series.Labels;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;

/** Evaluation over fakes of its ports, with the clocks in the test's hand. */
abstract class EvaluationFixture {
  static final long T0 = 1_700_000_000_000L;

  static final String BIG = group("- alert: Big\n  expr: base > 5\n");
  static final String FAILS =
      group(
          """
          - alert: Fails
            expr: sum(increase(traces_span_metrics_calls_total{status_code="STATUS_CODE_ERROR"}[1m])) > 0
          - alert: Big
            expr: base > 5
          """);

  final PrometheusMeterRegistry meters = ProcessMetrics.registry("test");
  final Recorder recorder = new Recorder();
  final Evaluation evaluation = new Evaluation(options());
  final Ownership ownership = evaluation.ownership();
  final LiveWindow window = evaluation.window();
  final UpTracker up = evaluation.up();
  final HandFed feed = new HandFed();
  final List<Runnable> appended = new ArrayList<>();
  RuleEvaluator evaluator = evaluator();

  /** Whether derive says all the time that it is well. */
  boolean deriveAlive = true;

  /** How far the wall clock has been set. */
  double clockSetBySeconds;

  /** The test's time as of the last tick, which no clock is set in. */
  double lastSecond;

  EvaluateOptions options() {
    return new EvaluateOptions(
        "me",
        Duration.ofSeconds(1),
        new EvaluationSettings(Duration.ofMinutes(1), Duration.ofMinutes(15), "http://tocsin"),
        Duration.ofSeconds(150),
        Duration.ofHours(1),
        Duration.ZERO,
        Duration.ofSeconds(15),
        100,
        new WindowLimits(1_000, 100_000, 1 << 20, 1_000, 300_000, 600_000),
        EngineOptions.defaults());
  }

  /** What was published, and the states a successor would find. */
  static final class Recorder implements Publisher, StateStore {
    final List<AlertEvent> events = new ArrayList<>();
    final List<AlertHeartbeat> heartbeats = new ArrayList<>();
    final List<GaugeSample> samples = new ArrayList<>();
    final Map<String, AlertStateRecord> states = new LinkedHashMap<>();

    /** What happened in which order: alerts, samples. */
    final List<String> order = new ArrayList<>();

    boolean failing;
    boolean statesAway;

    /** Publishes, and says that it does not know. */
    boolean answerLost;

    /** Does not publish, and says that it does not know. */
    boolean requestLost;

    boolean unsettled;
    Predicate<Notice> refusing = notice -> false;
    Predicate<GaugeSample> refusingSamples = sample -> false;

    /** How often somebody asked as whom to speak, and as whom each call spoke. */
    int voices;

    final List<Integer> spokenAs = new ArrayList<>();

    @Override
    public Voice voice() {
      int as = ++voices;
      return (notices, beats) -> {
        spokenAs.add(as);
        announce(notices, beats);
      };
    }

    private void announce(List<Notice> notices, List<AlertHeartbeat> beats) {
      check();
      if (notices.stream().anyMatch(refusing)) {
        throw new Refused("too large", new IllegalStateException());
      }
      if (requestLost) {
        unsettled = true;
        throw new Undecided("no answer", new IllegalStateException());
      }
      order.add("alerts");
      for (Notice notice : notices) {
        if (notice.event() != null) {
          events.add(notice.event());
        }
        if (notice.state() == null) {
          states.remove(notice.key());
        } else {
          states.put(notice.key(), notice.state());
        }
      }
      heartbeats.addAll(beats);
      if (answerLost) {
        unsettled = true;
        throw new Undecided("no answer", new IllegalStateException());
      }
    }

    @Override
    public void record(List<GaugeSample> some) {
      check();
      if (some.stream().anyMatch(refusingSamples)) {
        throw new Refused("too large", new IllegalStateException());
      }
      order.add("samples");
      samples.addAll(some);
    }

    private void check() {
      if (failing) {
        throw new IllegalStateException("Kafka is away");
      }
    }

    @Override
    public void settle() {
      check();
      unsettled = false;
    }

    @Override
    public Optional<List<AlertStateRecord>> load(Set<String> groups, long reading) {
      if (unsettled) {
        throw new AssertionError("states are read before it is settled what they are");
      }
      return statesAway
          ? Optional.empty()
          : Optional.of(
              states.values().stream().filter(s -> groups.contains(s.ruleGroup())).toList());
    }

    @Override
    public void close() {}
  }

  /** A feed that is up to date unless told otherwise: tests fill the window by hand. */
  final class HandFed implements WindowFeed {
    /** Second through which the window is filled; NaN for the present. */
    double through = Double.NaN;

    long records;

    /** Second of the latest record before those from which the clock goes on; NaN for none. */
    double wentBackFrom = Double.NaN;

    @Override
    public void follow(Selection selection) {
      window.reset(selection, T0);
      appended.forEach(window::writing);
    }

    @Override
    public Fill fill() {
      long throughMs = Double.isNaN(through) ? wall(lastSecond) : at(through);
      long fromMs = Double.isNaN(wentBackFrom) ? Fill.NEVER : at(wentBackFrom);
      return new Fill(true, throughMs, records, fromMs);
    }
  }

  /** A successor over the same states and the same window. */
  RuleEvaluator evaluator() {
    return evaluation.evaluator(recorder, feed, recorder, meters, new Activity(System::nanoTime));
  }

  @BeforeEach
  void own() {
    deriveWell(-60, 0);
    ownership.assigned(List.of(0));
  }

  void deriveWell(int fromSecond, int toSecond) {
    for (int second = fromSecond; second <= toSecond; second++) {
      up.pipelineAlive(at(second));
    }
  }

  void define(String key, String yaml) {
    ownership.group(0, key, Optional.of(new RuleGroupRecord(key, "file", yaml)));
    ownership.caughtUp(0);
  }

  void tick(double second) {
    if (deriveAlive) {
      for (double one = Math.max(lastSecond, second - 60); one < second; one += 5) {
        up.pipelineAlive(wall(one));
      }
      up.pipelineAlive(wall(second));
    }
    lastSecond = second;
    evaluator.tick(wall(second), (long) (second * 1_000));
  }

  /** What the wall clock shows. */
  long wall(double second) {
    return at(second + clockSetBySeconds);
  }

  static long at(double second) {
    return T0 + (long) (second * 1_000);
  }

  static Instant instant(double second) {
    return Instant.ofEpochMilli(at(second));
  }

  void append(Runnable sample) {
    appended.add(sample);
    window.writing(sample);
  }

  void gauge(double second, double value, String... labels) {
    append(() -> window.append(Labels.of(labels), Kind.GAUGE, at(second), 0, value, at(second)));
  }

  void calls(double second, double count, String service, String status) {
    Labels labels =
        Labels.of(
            "__name__", "traces_span_metrics_calls_total",
            "service_name", service,
            "span_kind", "SPAN_KIND_SERVER",
            "span_name", "GET /",
            "status_code", status);
    Labels served =
        Labels.of(
            "__name__",
            "traces_service_metrics_calls_total",
            "service_name",
            service,
            "span_kind",
            "SPAN_KIND_SERVER",
            "status_code",
            status);
    long startMs = at(second - 0.2);
    append(
        () -> {
          window.append(labels, Kind.DELTA, at(second), startMs, count, at(second));
          window.append(served, Kind.DELTA, at(second), startMs, count, at(second));
        });
  }

  List<GaugeSample> published(String metric) {
    return recorder.samples.stream().filter(s -> s.labels().metricName().equals(metric)).toList();
  }

  List<AlertEvent> firing(String rule) {
    return events(rule, AlertEvent.Status.FIRING);
  }

  List<AlertEvent> resolved(String rule) {
    return events(rule, AlertEvent.Status.RESOLVED);
  }

  private List<AlertEvent> events(String rule, AlertEvent.Status status) {
    return recorder.events.stream()
        .filter(event -> event.rule().equals(rule) && event.status() == status)
        .toList();
  }

  RuleView rule(int group, int rule) {
    return evaluator.views().get(group).rules().get(rule);
  }

  void ownDefaults() {
    RuleSources.read(true, List.of())
        .forEach((key, group) -> ownership.group(0, key, Optional.of(group)));
    ownership.caughtUp(0);
    tick(0);
  }

  /** The alert {@code Big} of {@link #BIG} fires since the first second. */
  void fireBig() {
    define("file/g", BIG);
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(firing("Big")).hasSize(1);
  }

  static String group(String rules) {
    return "groups:\n- name: g\n  rules:\n" + rules.indent(2);
  }
}
