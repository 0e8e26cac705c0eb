package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.PartitionChoice;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** One topic, and consumers of it that are record kernels with a {@link ModelWork}. */
final class KernelWorld {
  static final String TOPIC = "records";

  final SimWorld world;
  final SimScheduler scheduler;
  final SimKafka kafka;
  final SimLedger ledger;
  final SimDatabase database;
  final ModelStore store;
  final SimAside aside;
  final Producers producers;

  KernelWorld(long seed, int partitionsMax) {
    world =
        new SimWorld(
            seed,
            "model",
            List.of(TOPIC),
            partitionsMax,
            () -> new IOException("simulated: connection lost"));
    scheduler = world.scheduler();
    kafka = world.kafka();
    ledger = world.ledger();
    database = world.database();
    store = new ModelStore(database, ledger);
    aside = world.aside();
    producers = world.producers();
    world.noticedWhen(this::noticed);
  }

  SimConsumer consumer(String name) {
    return world.consumer(name, () -> life(name));
  }

  private SimConsumer.Life life(String name) {
    int recordsMax = 1 + scheduler.pick(20);
    return world.life(
        name,
        PartitionChoice.shared(List.of(TOPIC)),
        () -> new ModelWork(store, scheduler, database, recordsMax));
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
      // One that was stored may be read again when it is damaged.
      boolean isKnown = letter.isUnreadable() && ledger.isUsed(letter.sequence());
      if (!letter.reason().equals("partly") && !isKnown) {
        ledger.aside(letter.sequence());
      }
    }
  }
}
