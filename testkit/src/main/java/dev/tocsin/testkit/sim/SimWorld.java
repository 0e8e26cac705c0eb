package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.Awaiting;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordKernel;
import dev.tocsin.common.kafka.Work;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/**
 * What the simulations of a consumer have in common: topics and those who write to them, one
 * consumer group, a database, dead letters, and the books. Consumers are record kernels with any
 * work. What happens in it is the business of a {@link SimCourse}, or of a test, step by step.
 */
public final class SimWorld {
  private static final SimSource.Polls BY_CHANCE = new SimSource.Polls(50, false);

  private final SimScheduler scheduler;
  private final SimThreads threads;
  private final SimKafka kafka;
  private final SimGroup group;
  private final SimLedger ledger = new SimLedger();
  private final SimDatabase database;
  private final SimAside aside;
  private final Producers producers;
  private Predicate<TopicPartition> noticed = partition -> false;
  private SimSource.Polls polls = BY_CHANCE;

  /**
   * @param topics to be made, and written to
   * @param partitionsMax of each topic; how many it has is left to chance
   * @param failure as users of the database see it when the connection is lost
   */
  public SimWorld(
      long seed,
      String groupId,
      List<String> topics,
      int partitionsMax,
      Supplier<? extends Throwable> failure) {
    scheduler = new SimScheduler(seed);
    threads = new SimThreads(scheduler);
    kafka = new SimKafka(scheduler);
    topics.forEach(topic -> kafka.create(topic, 1 + scheduler.pick(partitionsMax)));
    group = kafka.group(groupId, scheduler.chance(0.5));
    database = new SimDatabase(scheduler, failure);
    aside = new SimAside(kafka);
    producers = new Producers(scheduler, kafka, ledger, topics, this::hasNoticed);
  }

  private boolean hasNoticed(TopicPartition partition) {
    return noticed.test(partition);
  }

  /**
   * @param predicate whether the consumers have seen where a partition that was cut, or made anew,
   *     ends now; never, unless told here
   */
  public void noticedWhen(Predicate<TopicPartition> predicate) {
    noticed = predicate;
  }

  /**
   * From now on polls bring all there is, up to so many records, partition by partition: one that
   * has many may leave no room for those of the others.
   */
  public void pollInOrder(int recordsMax) {
    polls = new SimSource.Polls(recordsMax, true);
  }

  /**
   * To be told when a partition's offset moves. A range that was read before the log lost its tail
   * may be stored after that: then nobody reads what was written over it, and that is excused.
   *
   * @param used whether a record is in the range as it was stored, or was before
   */
  public void passed(TopicPartition partition, long from, long to, Predicate<SimRecord> used) {
    List<SimRecord> range =
        producers.written().stream()
            .filter(record -> record.partition().equals(partition))
            .filter(record -> record.offset() >= from && record.offset() < to)
            .toList();
    List<SimRecord> lost =
        range.stream()
            .filter(record -> ledger.excuse(record.sequence()).equals(SimKafka.TAIL_LOST))
            .toList();
    if (lost.stream().anyMatch(record -> used.test(record) || aside.has(record))) {
      range.stream()
          .filter(record -> !used.test(record))
          .forEach(record -> ledger.excused(record.sequence(), "written over others in the air"));
    }
  }

  public SimScheduler scheduler() {
    return scheduler;
  }

  public SimKafka kafka() {
    return kafka;
  }

  public SimGroup group() {
    return group;
  }

  public SimLedger ledger() {
    return ledger;
  }

  public SimDatabase database() {
    return database;
  }

  public SimAside aside() {
    return aside;
  }

  public Producers producers() {
    return producers;
  }

  /** How works wait here for answers that come later. */
  public Awaiting awaiting() {
    return threads;
  }

  /** For calls that block. */
  public SimThreads threads() {
    return threads;
  }

  /** An instance that does not run yet. */
  public SimConsumer consumer(String name, SimConsumer.Birth birth) {
    return new SimConsumer(scheduler, threads, name, birth);
  }

  /** What a process has that consists of a kernel. */
  public SimConsumer.Life life(
      String name, PartitionChoice intake, Supplier<? extends Work> works) {
    return life(name, intake, works, aside);
  }

  /** The same with dead letters of its own, mostly in front of {@link #aside}. */
  public SimConsumer.Life life(
      String name, PartitionChoice intake, Supplier<? extends Work> works, Aside letters) {
    RecordKernel kernel =
        new RecordKernel(
            name, intake, works, letters, new SimpleMeterRegistry(), scheduler::nanoTime);
    return SimConsumer.Life.of(name, kernel, () -> kafka.source(group, polls), scheduler);
  }
}
