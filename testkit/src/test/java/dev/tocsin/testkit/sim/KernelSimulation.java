package dev.tocsin.testkit.sim;

import dev.tocsin.testkit.sim.Nemesis.Harm;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** The record kernel with a model work: a few consumers of one topic, and everything goes wrong. */
final class KernelSimulation {
  /** A record that looks like an outage is suspected only when it has done so for long. */
  private static final Duration CALM_AFTER_CHOKING = Duration.ofMinutes(20);

  private final KernelWorld world;
  private final SimScheduler scheduler;
  private final SimLedger ledger;
  private final SimCourse course;

  private KernelSimulation(long seed) {
    world = new KernelWorld(seed, 4);
    scheduler = world.scheduler;
    ledger = world.ledger;
    int instances = 1 + scheduler.pick(3);
    List<SimConsumer> consumers = new ArrayList<>();
    for (int i = 0; i < instances; i++) {
      consumers.add(world.consumer("consumer-" + i));
    }
    course = new SimCourse(world.world, consumers, EnumSet.allOf(Harm.class));
  }

  static Outcome run(long seed) {
    return Quiet.call(() -> new KernelSimulation(seed).run());
  }

  private Outcome run() {
    boolean chokes = scheduler.chance(0.1);
    course.run(() -> write(chokes), chokes ? CALM_AFTER_CHOKING : SimCourse.CALM);
    judge();
    return course.outcome();
  }

  private void write(boolean chokes) {
    int goodShare = (chokes ? 20 : 2) + scheduler.pick(40);
    world.producers.write(
        20 + scheduler.pick(200), SimCourse.HARM, () -> Temper.any(scheduler, goodShare, chokes));
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
