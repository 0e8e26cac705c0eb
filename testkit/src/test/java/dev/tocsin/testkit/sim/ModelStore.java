package dev.tocsin.testkit.sim;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Where the model work stores: records and offset in one transaction, by compare-and-set. */
final class ModelStore {
  private final SimDatabase database;
  private final SimLedger ledger;
  private final Map<TopicPartition, Row> rows = new HashMap<>();
  private int storedRecords;

  /** How far a partition of a certain topic is stored. */
  record Row(Uuid topicId, long next) {}

  ModelStore(SimDatabase database, SimLedger ledger) {
    this.database = database;
    this.ledger = ledger;
  }

  @Nullable Row read(TopicPartition partition) throws IOException {
    return call("read " + partition, () -> rows.get(partition));
  }

  /** As it is, whatever the database's state. */
  @Nullable Row peek(TopicPartition partition) {
    return rows.get(partition);
  }

  /**
   * Moves the offset without records, in any direction: for a reason that is recorded elsewhere.
   */
  boolean move(TopicPartition partition, @Nullable Row expected, Row next) throws IOException {
    return call("move " + partition + " to " + next.next, () -> moved(partition, expected, next));
  }

  private boolean moved(TopicPartition partition, @Nullable Row expected, Row next) {
    Row now = rows.get(partition);
    if (expected == null ? now != null : !expected.equals(now)) {
      return false;
    }
    rows.put(partition, next);
    return true;
  }

  /** False when the offset was not as expected: nothing is stored. */
  boolean commit(TopicPartition partition, Row expected, long next, List<Long> sequences)
      throws IOException {
    return call(
        "store " + sequences.size() + " of " + partition + " to " + next,
        () -> {
          if (next < expected.next) {
            ledger.finding(partition + " is to go back from " + expected + " to " + next);
          }
          boolean moved = moved(partition, expected, new Row(expected.topicId, next));
          if (moved) {
            sequences.forEach(ledger::used);
            storedRecords += sequences.size();
          }
          return moved;
        });
  }

  /** How many records were stored, lost ones included. */
  int storedRecords() {
    return storedRecords;
  }

  private <T> T call(String what, Supplier<T> body) throws IOException {
    try {
      return database.now(what, body);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
