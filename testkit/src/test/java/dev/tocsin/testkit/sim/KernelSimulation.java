package dev.tocsin.testkit.sim;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.sim.Nemesis.Harm;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** The record kernel with a model work: a few consumers of one topic, and everything goes wrong. */
final class KernelSimulation {
  private static final Duration HARM = Duration.ofMinutes(3);
  private static final Duration CALM = Duration.ofSeconds(60);

  /** A record that looks like an outage is suspected only when it has done so for long. */
  private static final Duration CALM_AFTER_CHOKING = Duration.ofMinutes(20);

  private final KernelWorld world;
  private final SimScheduler scheduler;
  private final SimLedger ledger;
  private final List<SimConsumer> consumers = new ArrayList<>();
  private final Nemesis nemesis;

  private KernelSimulation(long seed) {
    world = new KernelWorld(seed, 4);
    scheduler = world.scheduler;
    ledger = world.ledger;
    int instances = 1 + scheduler.pick(3);
    for (int i = 0; i < instances; i++) {
      consumers.add(world.consumer("consumer-" + i));
    }
    nemesis =
        new Nemesis(
            scheduler,
            world.kafka,
            world.group,
            world.database,
            consumers,
            world.producers,
            EnumSet.allOf(Harm.class));
  }

  static Outcome run(long seed) {
    return Quiet.call(() -> new KernelSimulation(seed).run());
  }

  private Outcome run() {
    consumers.forEach(SimConsumer::start);
    boolean chokes = scheduler.chance(0.1);
    int goodShare = (chokes ? 20 : 2) + scheduler.pick(40);
    world.producers.write(
        20 + scheduler.pick(200), HARM, () -> Temper.any(scheduler, goodShare, chokes));
    nemesis.begin();
    scheduler.runFor(HARM);
    nemesis.heal();
    scheduler.runFor(chokes ? CALM_AFTER_CHOKING : CALM);
    judge();
    return new Outcome(scheduler.seed(), ledger.violations(), scheduler.trace(), ledger.size());
  }

  private void judge() {
    world.readLetters();
    world.producers.written().forEach(this::judge);
    for (TopicPartition partition : world.producers.partitions()) {
      ModelStore.Row row = world.store.peek(partition);
      if (world.kafka.hasMore(partition, row == null ? 0 : row.next())) {
        ledger.finding(partition + " is stored to " + row + " of " + world.kafka.extent(partition));
      }
    }
    for (SimConsumer consumer : consumers) {
      Health health = consumer.check();
      if (!(health instanceof Health.Healthy) || consumer.lag() > 0) {
        ledger.finding(consumer.name() + " has lag " + consumer.lag() + ", is " + health);
      }
    }
  }

  private void judge(SimRecord written) {
    Temper temper = Temper.of(written);
    if (!temper.isUsed && ledger.isUsed(written.sequence())) {
      ledger.finding(written.place() + " (" + temper + ") was stored");
    }
    // One that was written over others may be taken for the one that was there.
    boolean mistaken = ledger.isExcused(written.sequence());
    if (!temper.isPutAside && ledger.isAside(written.sequence()) && !mistaken) {
      ledger.finding(written.place() + " (" + temper + ") was put aside");
    }
  }
}
