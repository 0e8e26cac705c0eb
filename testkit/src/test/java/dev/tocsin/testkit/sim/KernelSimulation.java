package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Intake;
import dev.tocsin.common.kafka.RecordKernel;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.sim.Nemesis.Harm;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;

/** The record kernel with a model work: a few consumers of one topic, and everything goes wrong. */
final class KernelSimulation {
  private static final String TOPIC = "records";
  private static final Duration HARM = Duration.ofMinutes(5);
  private static final Duration CALM = Duration.ofSeconds(60);

  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final SimLedger ledger = new SimLedger();
  private final SimDatabase database;
  private final ModelStore store;
  private final SimAside aside;
  private final SimGroup group;
  private final Producers producers;
  private final List<SimConsumer> consumers = new ArrayList<>();
  private final Nemesis nemesis;

  private KernelSimulation(long seed) {
    scheduler = new SimScheduler(seed);
    kafka = new SimKafka(scheduler);
    kafka.create(TOPIC, 1 + scheduler.pick(4));
    group = kafka.group("model", scheduler.chance(0.5));
    database = new SimDatabase(scheduler, () -> new IOException("simulated: connection lost"));
    store = new ModelStore(scheduler, database, ledger);
    aside = new SimAside(kafka);
    producers = new Producers(scheduler, kafka, ledger, List.of(TOPIC), this::noticed);
    int instances = 1 + scheduler.pick(3);
    for (int i = 0; i < instances; i++) {
      String name = "consumer-" + i;
      consumers.add(SimConsumer.of(scheduler, name, () -> life(name)));
    }
    nemesis =
        new Nemesis(
            scheduler, kafka, group, database, consumers, producers, EnumSet.allOf(Harm.class));
  }

  static Outcome run(long seed) {
    return Quiet.call(() -> new KernelSimulation(seed).run());
  }

  private SimConsumer.Life life(String name) {
    int recordsMax = 1 + scheduler.pick(20);
    RecordKernel kernel =
        new RecordKernel(
            name,
            Intake.shared(List.of(TOPIC)),
            () -> new ModelWork(store, scheduler, database, recordsMax),
            aside,
            new SimpleMeterRegistry(),
            scheduler::nanoTime);
    return SimConsumer.Life.of(name, kernel, () -> kafka.source(group, 50), scheduler);
  }

  private boolean noticed(TopicPartition partition) {
    ModelStore.Row row = store.peek(partition);
    var extent = kafka.extent(partition);
    return row != null && row.topicId().equals(extent.topicId()) && row.next() <= extent.end();
  }

  private Outcome run() {
    consumers.forEach(SimConsumer::start);
    int goodShare = 2 + scheduler.pick(40);
    producers.write(20 + scheduler.pick(200), HARM, () -> Temper.any(scheduler, goodShare));
    nemesis.begin();
    scheduler.runFor(HARM);
    nemesis.heal();
    scheduler.runFor(CALM);
    judge();
    return new Outcome(scheduler.seed(), ledger.violations(), scheduler.trace(), ledger.size());
  }

  private void judge() {
    aside.letters().forEach(this::judge);
    for (SimRecord written : producers.written()) {
      judge(written);
    }
    for (TopicPartition partition : kafka.partitions(TOPIC)) {
      ModelStore.Row row = store.peek(partition);
      long end = kafka.extent(partition).end();
      if (end > 0 && (row == null || row.next() != end)) {
        ledger.finding(partition + " is stored to " + row + " (expected: " + end + ")");
      }
    }
    for (SimConsumer consumer : consumers) {
      Health health = consumer.check();
      if (!(health instanceof Health.Healthy) || consumer.lag() > 0) {
        ledger.finding(consumer.name() + " has lag " + consumer.lag() + ", is " + health);
      }
    }
  }

  private void judge(SimAside.Letter letter) {
    if (!Objects.equals(letter.reason(), "partly")) {
      ledger.aside(SimRecord.sequenceOf(letter.message()));
    }
  }

  private void judge(SimRecord written) {
    Temper temper = Temper.of(written);
    if (!temper.isUsed && ledger.isUsed(written.sequence())) {
      ledger.finding(written.place() + " (" + temper + ") was stored");
    }
    if (!temper.isPutAside && ledger.isAside(written.sequence())) {
      ledger.finding(written.place() + " (" + temper + ") was put aside");
    }
  }
}
