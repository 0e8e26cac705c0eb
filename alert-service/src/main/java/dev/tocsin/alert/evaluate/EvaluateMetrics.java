package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.common.contract.AlertEvent;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What the evaluation says of itself. */
final class EvaluateMetrics {
  private final MeterRegistry registry;
  private final Map<State, AtomicLong> alerts = new EnumMap<>(State.class);
  private final AtomicLong groups = new AtomicLong();
  private final AtomicLong upTargets = new AtomicLong();
  private final AtomicLong noticesAside = new AtomicLong();

  EvaluateMetrics(MeterRegistry registry, LiveWindow window) {
    this.registry = registry;
    for (State state : State.values()) {
      AtomicLong count = new AtomicLong();
      alerts.put(state, count);
      Gauge.builder("tocsin.alerts", count, AtomicLong::get)
          .description("Alerts of the rule groups owned here, by state")
          .tag("state", state.text())
          .register(registry);
    }
    Gauge.builder("tocsin.rule.groups", groups, AtomicLong::get)
        .description("Rule groups owned here")
        .register(registry);
    Gauge.builder("tocsin.up.targets", upTargets, AtomicLong::get)
        .description("Jobs and instances with an up series")
        .register(registry);
    Gauge.builder("tocsin.window.series", window, LiveWindow::seriesCount)
        .description("Series in the live window")
        .register(registry);
    Gauge.builder("tocsin.window.samples", window, w -> (double) w.sampleCount())
        .description("Samples in the live window")
        .register(registry);
    FunctionCounter.builder("tocsin.window.repeated", window, w -> (double) w.repeated())
        .description("Deltas that came again and did not count again")
        .register(registry);
    for (LiveWindow.Refusal reason : LiveWindow.Refusal.values()) {
      FunctionCounter.builder(
              "tocsin.window.refused", window, w -> (double) w.refusals().getOrDefault(reason, 0L))
          .description("Samples not taken into the live window")
          .tag("reason", reason.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  void evaluated(RuleView.Group group) {
    Timer.builder("tocsin.rule.evaluation")
        .description("Time to evaluate a rule group")
        .tag("group", group.group().key())
        .register(registry)
        .record(Duration.ofNanos((long) (group.evaluationSeconds() * 1e9)));
    long failed = group.rules().stream().filter(rule -> !rule.error().isEmpty()).count();
    if (failed > 0) {
      registry
          .counter("tocsin.rule.failures", "group", group.group().key())
          .increment((double) failed);
    }
  }

  /** A group took so long that others waited for it. */
  void slow(String group) {
    registry.counter("tocsin.rule.evaluations.slow", "group", group).increment();
  }

  /** There was no time to expand that many annotations of a group's alerts. */
  void annotationsUnexpanded(String group, int annotations) {
    if (annotations > 0) {
      registry
          .counter("tocsin.rule.annotations.unexpanded", "group", group)
          .increment((double) annotations);
    }
  }

  /** A group's turn at which nothing could be judged. */
  void held(String group) {
    registry.counter("tocsin.rule.iterations.held", "group", group).increment();
  }

  void missed(String group, long iterations) {
    registry
        .counter("tocsin.rule.iterations.missed", "group", group)
        .increment((double) Math.max(0, iterations));
  }

  void announced(List<Notice> notices) {
    for (Notice notice : notices) {
      AlertEvent event = notice.event();
      if (event != null) {
        String status = event.status().name().toLowerCase(Locale.ROOT);
        registry.counter("tocsin.alert.events", "status", status).increment();
      }
    }
  }

  void publishFailed() {
    registry.counter("tocsin.alert.publish.failures").increment();
  }

  /** Kafka refuses what is said about an alert. */
  void noticePutAside(String group) {
    noticesAside.incrementAndGet();
    registry.counter("tocsin.alert.put.aside", "group", group).increment();
  }

  /** How many statements about alerts have been put aside so far. */
  long noticesAside() {
    return noticesAside.get();
  }

  /** Series of recording rules are too large, or Kafka refuses them. */
  void samplesLeftOut(long samples) {
    registry.counter("tocsin.recorded.samples.left.out").increment((double) samples);
  }

  /** The clock was set. */
  void clockSet() {
    registry.counter("tocsin.evaluate.clock.steps").increment();
  }

  /** It was not certain what had been published, so states were read back. */
  void readBack() {
    registry.counter("tocsin.alert.states.read.back").increment();
  }

  void alerts(Map<State, Long> counts, int ownedGroups, int targets) {
    alerts.forEach((state, gauge) -> gauge.set(counts.getOrDefault(state, 0L)));
    groups.set(ownedGroups);
    upTargets.set(targets);
  }
}
