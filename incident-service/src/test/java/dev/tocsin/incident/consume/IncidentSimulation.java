package dev.tocsin.incident.consume;

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

/** The work that makes incidents of alerts: a few instances, and everything goes wrong. */
final class IncidentSimulation {
  private static final int PARTITIONS_MAX = 3;
  private static final List<Duration> LATENCIES =
      List.of(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(100));

  /** After the last fault alerts go on being stated for a while. */
  private static final Duration STATED_FOR = SimCourse.HARM.plusSeconds(40);

  private IncidentSimulation() {}

  static Outcome run(long seed) {
    return Quiet.call(() -> once(seed));
  }

  private static Outcome once(long seed) {
    Duration latencyMax = LATENCIES.get((int) (seed % LATENCIES.size()));
    int badShare = seed % 2 == 0 ? 2 : 10;
    IncidentWorld incidents = new IncidentWorld(seed, PARTITIONS_MAX, latencyMax, badShare);
    SimScheduler scheduler = incidents.world.scheduler();
    int instances = 1 + scheduler.pick(3);
    List<SimConsumer> consumers = new ArrayList<>();
    for (int i = 0; i < instances; i++) {
      consumers.add(incidents.consumer("incident-" + i));
    }
    SimCourse course = new SimCourse(incidents.world, consumers, EnumSet.allOf(Harm.class));
    course.run(() -> incidents.sources.run(STATED_FOR), SimCourse.CALM);
    incidents.judge();
    return course.outcome();
  }
}
