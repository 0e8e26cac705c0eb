package dev.tocsin.alert.derive;

import dev.tocsin.alert.derive.DeriveRecords.Derived;
import dev.tocsin.alert.derive.DeriveRecords.Temper;
import dev.tocsin.testkit.sim.SimRecord;
import dev.tocsin.testkit.sim.SimScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * No record holds up those of other partitions for long: while one partition has a record that
 * fails again and again, and others behind it, what comes to the others is used soon.
 */
final class Bystanders {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int SECONDS = 120;
  private static final int BEHIND_MAX = 4_000;

  private final SimScheduler scheduler;
  private final Writer writer;
  private final List<SimRecord> bystanders = new ArrayList<>();

  /** Writes a record now. */
  interface Writer {
    SimRecord write(TopicPartition to, Temper temper);
  }

  Bystanders(SimScheduler scheduler, Writer writer) {
    this.scheduler = scheduler;
    this.writer = writer;
  }

  /** Begins now. */
  void begin(List<TopicPartition> partitions) {
    TopicPartition held = partitions.get(scheduler.pick(partitions.size()));
    scheduler.trace().add(held + " is held up");
    writer.write(held, Temper.CHOKING);
    for (int i = scheduler.pick(BEHIND_MAX); i > 0; i--) {
      writer.write(held, Temper.GOOD);
    }
    List<TopicPartition> others = new ArrayList<>(partitions);
    others.remove(held);
    for (int second = 0; second < SECONDS; second++) {
      for (TopicPartition other : others) {
        scheduler.after(
            Duration.ofSeconds(second), () -> bystanders.add(writer.write(other, Temper.GOOD)));
      }
    }
  }

  /** That they are used at all is said elsewhere. */
  void judge(Derived derived, Consumer<String> finding) {
    for (SimRecord one : bystanders) {
      long usedMs = derived.usedMs().getOrDefault(DeriveRecords.name(one.value()), Long.MAX_VALUE);
      if (usedMs < Long.MAX_VALUE && usedMs - one.timestampMs() > SOON.toMillis()) {
        finding.accept(one.place() + " was used after " + (usedMs - one.timestampMs()) + " ms");
      }
    }
  }
}
