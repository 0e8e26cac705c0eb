package dev.tocsin.alert.simulation;

import dev.tocsin.alert.evaluate.EvaluateOptions;
import dev.tocsin.alert.evaluate.group.EvaluationSettings;
import dev.tocsin.alert.rules.follow.Membership;
import dev.tocsin.alert.window.WindowLimits;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.testkit.sim.Quiet;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.SimWorld;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Two evaluating processes over a Kafka in memory, rules with and without {@code for}, and series
 * that are high and low at known times, while everything goes wrong: see {@link AlertLaw}.
 */
final class EvaluateSimulation {
  private static final Duration HARM = Duration.ofMinutes(14);
  private static final Duration CALM = Duration.ofMinutes(4);
  private static final Duration HOLD = Duration.ofSeconds(20);
  private static final List<AlertLaw.Watched> RULES =
      List.of(
          new AlertLaw.Watched("Now", Duration.ZERO),
          new AlertLaw.Watched("Held", HOLD),
          new AlertLaw.Watched("Copied", HOLD));

  private final SimWorld world;
  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final List<AlertProcess> processes = new ArrayList<>();
  private final List<LoadSeries> series = new ArrayList<>();
  private final AlertFaults faults;

  private EvaluateSimulation(long seed) {
    world =
        new SimWorld(
            seed,
            Membership.GROUP,
            List.of(Topic.RULES.name()),
            4,
            () -> new IOException("simulated: no use"));
    scheduler = world.scheduler();
    kafka = world.kafka();
    for (Topic topic : List.of(Topic.METRICS, Topic.DERIVED, Topic.ALERTS, Topic.ALERT_STATE)) {
      kafka.create(topic.name(), 1 + scheduler.pick(3));
    }
    for (int i = 0; i < 3; i++) {
      series.add(new LoadSeries("s" + i, scheduler, kafka, HARM.plus(CALM).plus(CALM)));
    }
    for (int i = 0; i < 2; i++) {
      processes.add(new AlertProcess(world, options("process-" + i)));
    }
    faults = new AlertFaults(scheduler, kafka, world.group(), world.threads(), processes);
  }

  private static EvaluateOptions options(String instance) {
    return new EvaluateOptions(
        instance,
        Duration.ofSeconds(2),
        new EvaluationSettings(Duration.ofMinutes(1), Duration.ofMinutes(15), "http://tocsin"),
        Duration.ofSeconds(150),
        Duration.ofHours(1),
        Duration.ZERO,
        Duration.ofSeconds(15),
        100,
        new WindowLimits(1_000, 100_000, 1 << 20, 1_000, 300_000, 600_000),
        EngineOptions.defaults());
  }

  static Outcome run(long seed) {
    return Quiet.call(() -> new EvaluateSimulation(seed).run());
  }

  private void define(String name, String rules) {
    String key = "file/" + name;
    String yaml = "groups:\n- name: " + name + "\n  rules:\n" + rules.indent(2);
    int partition = scheduler.pick(kafka.partitions(Topic.RULES.name()).size());
    kafka.append(
        new ProducerRecord<>(
            Topic.RULES.name(),
            partition,
            key.getBytes(StandardCharsets.UTF_8),
            new RuleGroupRecord(key, "file", yaml).encode()),
        partition);
  }

  private Outcome run() {
    define("now", "- alert: Now\n  expr: load > 5\n");
    define("held", "- alert: Held\n  expr: load > 5\n  for: 20s\n");
    define(
        "copied",
        "- record: load:copy\n  expr: load * 2\n- alert: Copied\n  expr: load:copy > 10\n  for: 20s\n");
    series.forEach(LoadSeries::begin);
    LoadSeries.deriveLives(scheduler, kafka);
    processes.forEach(AlertProcess::start);
    faults.begin();
    scheduler.runFor(HARM);
    faults.heal();
    scheduler.runFor(CALM);
    new AlertLaw(kafka, series, faults, scheduler.nanoTime(), world.ledger()::finding).judge(RULES);
    int samples = kafka.records(Topic.METRICS.name()).size();
    return new Outcome(scheduler.seed(), world.ledger().violations(), scheduler.trace(), samples);
  }
}
