package dev.tocsin.testkit.sim;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.sim.Nemesis.Harm;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The course that simulations take: consumers start, records are written while all kinds of harm
 * are done, then everything heals, and what is left has to be done with within {@link #CALM}.
 */
public final class SimCourse {
  /** For how long records are written and harm is done. */
  public static final Duration HARM = Duration.ofMinutes(3);

  /** How soon after the last fault everything is as it must be. */
  public static final Duration CALM = Duration.ofSeconds(60);

  private final SimWorld world;
  private final List<SimConsumer> consumers;
  private final Nemesis nemesis;

  public SimCourse(SimWorld world, List<SimConsumer> consumers, Set<Harm> possible) {
    this.world = world;
    this.consumers = List.copyOf(consumers);
    this.nemesis =
        new Nemesis(
            world.scheduler(),
            world.kafka(),
            world.group(),
            world.database(),
            consumers,
            world.producers(),
            possible);
  }

  /**
   * Runs to the end.
   *
   * @param begins called once the consumers start: arranges what is written within {@link #HARM}
   * @param calm mostly {@link #CALM}
   */
  public void run(Runnable begins, Duration calm) {
    consumers.forEach(SimConsumer::start);
    begins.run();
    nemesis.begin();
    world.scheduler().runFor(HARM);
    nemesis.heal();
    world.scheduler().runFor(calm);
    consumers.forEach(this::judge);
  }

  private void judge(SimConsumer consumer) {
    Health health = consumer.check();
    if (!(health instanceof Health.Healthy) || consumer.lag() > 0) {
      world.ledger().finding(consumer.name() + " has lag " + consumer.lag() + ", is " + health);
    }
  }

  /** What has come of it, as the books say now. */
  public Outcome outcome() {
    SimScheduler scheduler = world.scheduler();
    SimLedger ledger = world.ledger();
    return new Outcome(scheduler.seed(), ledger.violations(), scheduler.trace(), ledger.size());
  }
}
