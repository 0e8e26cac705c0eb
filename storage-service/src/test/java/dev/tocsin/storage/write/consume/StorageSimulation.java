package dev.tocsin.storage.write.consume;

import dev.tocsin.testkit.sim.Nemesis.Harm;
import dev.tocsin.testkit.sim.Quiet;
import dev.tocsin.testkit.sim.SimConsumer;
import dev.tocsin.testkit.sim.SimCourse;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** The work that stores a topic: a few instances, and everything goes wrong. */
final class StorageSimulation {
  private static final List<SimSignal> SIGNALS = List.of(SimSignal.values());
  private static final int PARTITIONS_MAX = 4;
  private static final int RECORDS_MAX = 150;
  private static final List<Duration> LATENCIES =
      List.of(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(200));

  private StorageSimulation() {}

  static Outcome run(long seed) {
    return Quiet.call(() -> once(seed));
  }

  private static Outcome once(long seed) {
    SimSignal signal = SIGNALS.get((int) (seed % SIGNALS.size()));
    Duration latencyMax = LATENCIES.get((int) (seed / 3 % LATENCIES.size()));
    StorageWorld storage = new StorageWorld(seed, signal, PARTITIONS_MAX, latencyMax);
    SimScheduler scheduler = storage.world.scheduler();
    int instances = 1 + scheduler.pick(3);
    List<SimConsumer> consumers = new ArrayList<>();
    for (int i = 0; i < instances; i++) {
      consumers.add(storage.consumer("storage-" + i));
    }
    SimCourse course = new SimCourse(storage.world, consumers, EnumSet.allOf(Harm.class));
    int goodShare = 2 + scheduler.pick(40);
    int records = 20 + scheduler.pick(RECORDS_MAX);
    course.run(
        () ->
            storage
                .world
                .producers()
                .write(records, SimCourse.HARM, () -> storage.export(goodShare)),
        SimCourse.CALM);
    storage.judge();
    return course.outcome();
  }
}
