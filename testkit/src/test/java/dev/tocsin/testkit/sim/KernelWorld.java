package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Intake;
import dev.tocsin.common.kafka.RecordKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** One topic, and consumers of it that are record kernels with a {@link ModelWork}. */
final class KernelWorld {
  static final String TOPIC = "records";
  private static final int RECORDS_PER_POLL_MAX = 50;

  final SimScheduler scheduler;
  final SimKafka kafka;
  final SimGroup group;
  final SimLedger ledger = new SimLedger();
  final SimDatabase database;
  final ModelStore store;
  final SimAside aside;
  final Producers producers;

  KernelWorld(long seed, int partitionsMax) {
    scheduler = new SimScheduler(seed);
    kafka = new SimKafka(scheduler);
    kafka.create(TOPIC, 1 + scheduler.pick(partitionsMax));
    group = kafka.group("model", scheduler.chance(0.5));
    database = new SimDatabase(scheduler, () -> new IOException("simulated: connection lost"));
    store = new ModelStore(database, ledger);
    aside = new SimAside(kafka);
    producers = new Producers(scheduler, kafka, ledger, List.of(TOPIC), this::noticed);
  }

  SimConsumer consumer(String name) {
    return SimConsumer.of(scheduler, name, () -> life(name));
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
    return SimConsumer.Life.of(
        name, kernel, () -> kafka.source(group, RECORDS_PER_POLL_MAX), scheduler);
  }

  private boolean noticed(TopicPartition partition) {
    ModelStore.Row row = store.peek(partition);
    var extent = kafka.extent(partition);
    return row != null && row.topicId().equals(extent.topicId()) && row.next() <= extent.end();
  }

  static TopicPartition partition(int number) {
    return new TopicPartition(TOPIC, number);
  }

  SimRecord write(int partition, Temper temper) {
    return producers.write(partition(partition), temper.value());
  }

  /** Enters the letters in the books. */
  void readLetters() {
    for (SimAside.Letter letter : aside.letters()) {
      if (!letter.reason().equals("partly")) {
        ledger.aside(SimRecord.sequenceOf(letter.message()));
      }
    }
  }
}
