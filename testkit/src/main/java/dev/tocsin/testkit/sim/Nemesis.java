package dev.tocsin.testkit.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Does harm by chance: each seed picks some kinds of faults and how often they come; all of them
 * end when {@link #heal} is called.
 */
public final class Nemesis {
  /** A kind of harm. */
  public enum Harm {
    KAFKA_DOWN,
    KAFKA_FLAKY,
    REBALANCE,
    EXPEL,
    CRASH,
    STOP,
    PAUSE,
    TRUNCATE,
    RECREATE,
    RETAIN,
    DAMAGE,
    DATABASE_DOWN,
    DATABASE_FLAKY
  }

  private static final Duration OUTAGE_MAX = Duration.ofSeconds(40);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(25);
  private static final int DAMAGED_MAX = 3;
  private static final Duration BETWEEN_MAX = Duration.ofSeconds(40);

  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final SimGroup group;
  private final SimDatabase database;
  private final List<SimConsumer> consumers;
  private final Producers producers;
  private final List<Harm> chosen = new ArrayList<>();
  private boolean over;
  private int damaged;

  /**
   * @param possible the harm that may be done
   */
  public Nemesis(
      SimScheduler scheduler,
      SimKafka kafka,
      SimGroup group,
      SimDatabase database,
      List<SimConsumer> consumers,
      Producers producers,
      Set<Harm> possible) {
    this.scheduler = scheduler;
    this.kafka = kafka;
    this.group = group;
    this.database = database;
    this.consumers = List.copyOf(consumers);
    this.producers = producers;
    for (Harm harm : EnumSet.copyOf(possible)) {
      if (scheduler.chance(0.4)) {
        chosen.add(harm);
      }
    }
    scheduler.trace().add("harm: " + chosen);
  }

  /** Begins; nothing happens when chance has picked no harm. */
  public void begin() {
    if (!chosen.isEmpty()) {
      scheduler.after(scheduler.upTo(BETWEEN_MAX), this::next);
    }
  }

  private void next() {
    if (!over) {
      harm(chosen.get(scheduler.pick(chosen.size())));
      begin();
    }
  }

  private void harm(Harm harm) {
    switch (harm) {
      case KAFKA_DOWN -> kafkaFor(SimFaults.DOWN);
      case KAFKA_FLAKY -> kafkaFor(SimFaults.flaky(0.02 + 0.01 * scheduler.pick(40)));
      case REBALANCE -> group.rebalance();
      case EXPEL -> group.expel();
      case CRASH -> restartAfter(consumer(), false);
      case STOP -> restartAfter(consumer(), true);
      case PAUSE -> consumer().pause(scheduler.upTo(PAUSE_MAX));
      case TRUNCATE -> truncate(partition());
      case RECREATE -> producers.recreate(partition().topic());
      case RETAIN -> retain(partition());
      case DAMAGE -> damage(partition());
      case DATABASE_DOWN -> {
        database.down(true);
        scheduler.after(scheduler.upTo(OUTAGE_MAX), () -> database.down(false));
      }
      case DATABASE_FLAKY -> {
        database.flaky(0.01 * scheduler.pick(30), 0.01 * scheduler.pick(30));
        scheduler.after(scheduler.upTo(OUTAGE_MAX), () -> database.flaky(0, 0));
      }
    }
  }

  private void kafkaFor(SimFaults faults) {
    kafka.faults(faults);
    scheduler.after(scheduler.upTo(OUTAGE_MAX), () -> kafka.faults(SimFaults.NONE));
  }

  private SimConsumer consumer() {
    return consumers.get(scheduler.pick(consumers.size()));
  }

  private void restartAfter(SimConsumer consumer, boolean inOrder) {
    if (inOrder) {
      consumer.stop();
    } else {
      consumer.crash();
    }
    scheduler.after(scheduler.upTo(OUTAGE_MAX), consumer::start);
  }

  private TopicPartition partition() {
    List<TopicPartition> all = producers.partitions();
    return all.get(scheduler.pick(all.size()));
  }

  private void truncate(TopicPartition partition) {
    SimLog log = kafka.log(partition);
    long most = Math.min(20, log.end() - log.beginning());
    if (most > 0) {
      producers.truncate(partition, log.end() - 1 - scheduler.pick((int) most));
    }
  }

  private void retain(TopicPartition partition) {
    SimLog log = kafka.log(partition);
    long most = log.stableEnd() - log.beginning();
    if (most > 0) {
      kafka.retain(partition, log.beginning() + 1 + scheduler.pick((int) most));
    }
  }

  private void damage(TopicPartition partition) {
    SimLog log = kafka.log(partition);
    long count = log.end() - log.beginning();
    if (count > 0 && damaged++ < DAMAGED_MAX) {
      kafka.damage(partition, log.beginning() + scheduler.pick((int) count));
    }
  }

  /** Ends all harm and starts whoever does not run. */
  public void heal() {
    over = true;
    kafka.faults(SimFaults.NONE);
    database.heal();
    consumers.forEach(SimConsumer::resume);
    consumers.forEach(SimConsumer::start);
    scheduler.trace().add("healed");
  }
}
