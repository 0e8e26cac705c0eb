package dev.tocsin.testkit.sim;

import dev.tocsin.testkit.sim.SimEntry.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** What the broker knows of one transactional id. */
final class SimCoordinator {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MARKERS_MAX = Duration.ofSeconds(2);

  private final String id;
  private final SimKafka kafka;
  private @Nullable Transaction open;
  private int epoch;

  /** The open transaction will be committed, whatever comes. */
  private boolean prepared;

  SimCoordinator(String id, SimKafka kafka) {
    this.id = id;
    this.kafka = kafka;
  }

  /** Written but not decided. */
  private static final class Transaction {
    final List<SimEntry> entries;
    Map<TopicPartition, Long> offsets = Map.of();
    @Nullable SimGroup group;

    Transaction(List<SimEntry> entries) {
      this.entries = entries;
    }
  }

  /** Ends what is open and fences everybody before. */
  int begin() {
    kafka.scheduler().trace().add(id + " begins");
    // A commit that was asked for is carried out by now or at once; one that was not never will be.
    end(false);
    return ++epoch;
  }

  void require(int producerEpoch) {
    if (producerEpoch != epoch) {
      throw new ProducerFencedException(
          "simulated: " + id + " has epoch " + epoch + ", not " + producerEpoch);
    }
  }

  /** Writes without deciding; readers of committed records wait at the first of these. */
  void write(List<ProducerRecord<byte[], byte[]>> messages) {
    List<SimEntry> entries = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> message : messages) {
      entries.add(kafka.append(partition(message), message, State.OPEN));
    }
    Transaction begun = new Transaction(entries);
    open = begun;
    // Whoever takes longer is fenced off by the broker.
    kafka.scheduler().after(TIMEOUT, () -> expire(begun));
  }

  private void expire(Transaction which) {
    if (open == which && !prepared) {
      epoch++;
      end(false);
    }
  }

  /** Offsets that move with the open transaction; who asks for them meanwhile has to wait. */
  void withOffsets(Map<TopicPartition, Long> offsets, SimGroup group) {
    Transaction written = open;
    if (written != null) {
      written.offsets = Map.copyOf(offsets);
      written.group = group;
      group.open(offsets.keySet());
    }
  }

  private TopicPartition partition(ProducerRecord<byte[], byte[]> message) {
    Integer chosen = message.partition();
    byte[] key = message.key();
    int count = kafka.topic(message.topic()).logs().size();
    int byKey = key == null ? 0 : Utils.toPositive(Utils.murmur2(key)) % count;
    int other = key == null ? kafka.scheduler().pick(count) : byKey;
    return new TopicPartition(message.topic(), chosen == null ? other : chosen);
  }

  /** The commit was asked for; its markers come now, or a little later. */
  void commit(boolean later) {
    Transaction asked = open;
    if (asked == null) {
      return;
    }
    if (!later) {
      end(true);
      return;
    }
    prepared = true;
    kafka.scheduler().after(kafka.scheduler().upTo(MARKERS_MAX), () -> endIf(asked, true));
  }

  void abort() {
    end(false);
  }

  private void endIf(Transaction which, boolean commits) {
    if (open == which) {
      end(commits);
    }
  }

  private void end(boolean asked) {
    Transaction ending = open;
    if (ending == null) {
      return;
    }
    boolean commits = asked || prepared;
    open = null;
    prepared = false;
    Set<TopicPartition> touched = new LinkedHashSet<>();
    for (SimEntry entry : ending.entries) {
      entry.state = commits ? State.COMMITTED : State.ABORTED;
      if (kafka.log(entry.content.partition()).at(entry.content.offset()) == entry) {
        touched.add(entry.content.partition());
      }
    }
    for (TopicPartition partition : touched) {
      kafka.append(partition, marker(partition), State.MARKER);
    }
    SimGroup group = ending.group;
    if (group != null) {
      group.decide(ending.offsets.keySet());
      if (commits) {
        group.commit(ending.offsets, ending.entries.stream().map(entry -> entry.content).toList());
      }
    }
    kafka.scheduler().trace().add(id + (commits ? " committed " : " aborted ") + touched);
  }

  private static ProducerRecord<byte[], byte[]> marker(TopicPartition partition) {
    return new ProducerRecord<>(partition.topic(), partition.partition(), null, new byte[0]);
  }
}
