package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Transactions;
import dev.tocsin.testkit.sim.SimEntry.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Kafka in memory, as far as consumers and transactions of this suite can tell: logs with offsets
 * that markers occupy too, topic ids, consumer groups that rebalance, transactions that are fenced,
 * fail, or leave it open whether they were committed. It fails by {@link #faults}, and by what is
 * done to it: {@link #truncate}, {@link #recreate}, {@link #retain}, {@link #damage}, {@link
 * SimGroup#expel}. Used by the scheduler's thread.
 *
 * <p>Not modelled: replicas, compaction, a topic's growth, size limits.
 */
public final class SimKafka {
  /** Why a record is lost that was in the tail of its log. */
  static final String TAIL_LOST = "tail lost";

  private final SimScheduler scheduler;
  private final Map<String, SimTopic> topics = new LinkedHashMap<>();
  private final Map<String, SimGroup> groups = new LinkedHashMap<>();
  private final Map<String, SimCoordinator> coordinators = new HashMap<>();
  private SimFaults faults = SimFaults.NONE;
  private BiConsumer<SimRecord, String> losses = (lost, why) -> {};
  private Runnable amidTransactions = () -> {};
  private long sequence;

  public SimKafka(SimScheduler scheduler) {
    this.scheduler = scheduler;
  }

  SimScheduler scheduler() {
    return scheduler;
  }

  public SimFaults faults() {
    return faults;
  }

  /** What is wrong from now on. */
  public void faults(SimFaults next) {
    faults = next;
    scheduler.trace().add("kafka " + next);
  }

  /**
   * What happens in the middle of each transaction, such as {@link SimThreads#pass}; nothing unless
   * told here.
   */
  public void amidTransactions(Runnable pause) {
    amidTransactions = pause;
  }

  Runnable amidTransactions() {
    return amidTransactions;
  }

  /** Who is told of each committed record that is lost, and how. */
  public void onLoss(BiConsumer<SimRecord, String> listener) {
    losses = listener;
  }

  public void create(String topic, int partitions) {
    Uuid id = new Uuid(scheduler.nextLong(), scheduler.nextLong());
    topics.put(topic, SimTopic.of(topic, id, partitions));
  }

  /** Deletes the topic and makes it anew. */
  public void recreate(String topic) {
    SimTopic before = topic(topic);
    before
        .logs()
        .forEach(log -> log.committed().forEach(lost -> losses.accept(lost, "topic made anew")));
    create(topic, before.logs().size());
    // Deleting a topic takes the offsets of its groups along.
    groups.values().forEach(group -> group.forget(topic));
    scheduler.trace().add("topic " + topic + " made anew");
  }

  /** Writes a record outside of any transaction. */
  public SimRecord append(ProducerRecord<byte[], byte[]> message, int partition) {
    return append(new TopicPartition(message.topic(), partition), message, State.COMMITTED).content;
  }

  SimEntry append(TopicPartition partition, ProducerRecord<byte[], byte[]> message, State state) {
    SimLog log = log(partition);
    SimEntry entry =
        new SimEntry(SimRecord.of(sequence++, partition, log.end(), scheduler, message), state);
    log.add(entry);
    return entry;
  }

  /** A power cut took everything from the offset on. */
  public void truncate(TopicPartition partition, long end) {
    log(partition).truncate(end).forEach(lost -> losses.accept(lost, TAIL_LOST));
    scheduler.trace().add(partition + " truncated to " + end);
  }

  /** Retention took everything before the offset. */
  public void retain(TopicPartition partition, long beginning) {
    log(partition).retain(beginning).forEach(lost -> losses.accept(lost, "retention"));
    scheduler.trace().add(partition + " begins at " + beginning);
  }

  /** The record can never be read again. */
  public void damage(TopicPartition partition, long offset) {
    SimEntry entry = log(partition).at(offset);
    if (entry != null && entry.readable()) {
      entry.damaged = true;
      scheduler.trace().add(partition + "@" + offset + " damaged");
    }
  }

  /** All committed records of a topic, partition by partition. */
  public List<SimRecord> records(String topic) {
    List<SimRecord> all = new ArrayList<>();
    topic(topic).logs().forEach(log -> all.addAll(log.committed()));
    return all;
  }

  /** As {@link SimSource#extent}, but never failing. */
  public Extent extent(TopicPartition partition) {
    SimLog log = log(partition);
    return new Extent(log.beginning(), log.stableEnd(), topic(partition.topic()).id());
  }

  /** The next offset to be written, whatever is decided of those before. */
  public long writtenEnd(TopicPartition partition) {
    return log(partition).end();
  }

  /**
   * The id of the topic of this name.
   *
   * @throws TimeoutException when Kafka does not answer
   */
  public Uuid idOf(String topic) {
    answer("the id of " + topic);
    return topic(topic).id();
  }

  /** Whether there is a record to read from the offset on. */
  public boolean hasMore(TopicPartition partition, long offset) {
    return log(partition).hasReadable(Math.max(offset, log(partition).beginning()));
  }

  public List<TopicPartition> partitions(String topic) {
    return topic(topic).logs().stream().map(log -> log.partition).toList();
  }

  /**
   * The consumer group, made at its first use.
   *
   * @param cooperative members keep what they go on having while a rebalance takes place
   */
  public SimGroup group(String id, boolean cooperative) {
    return groups.computeIfAbsent(id, name -> new SimGroup(name, cooperative, this));
  }

  /** A new consumer, a member of the group once it joins. */
  public SimSource source(SimGroup group, int recordsPerPollMax) {
    return source(group, new SimSource.Polls(recordsPerPollMax, false));
  }

  SimSource source(SimGroup group, SimSource.Polls polls) {
    return new SimSource(this, group, polls);
  }

  /** A producer with this id, which fences those before it. */
  public Transactions transactions(String transactionalId) {
    SimCoordinator coordinator =
        coordinators.computeIfAbsent(transactionalId, id -> new SimCoordinator(id, this));
    return new SimTransactions(coordinator, this);
  }

  /** A question that may go unanswered. */
  public void answer(String question) {
    if (faults.down() || scheduler.chance(faults.questions())) {
      scheduler.trace().add("no answer: " + question);
      throw new TimeoutException("simulated: no answer about " + question);
    }
  }

  boolean exists(TopicPartition partition) {
    SimTopic topic = topics.get(partition.topic());
    return topic != null && partition.partition() < topic.logs().size();
  }

  SimTopic topic(String name) {
    SimTopic topic = topics.get(name);
    if (topic == null) {
      throw new UnknownTopicOrPartitionException(name);
    }
    return topic;
  }

  SimLog log(TopicPartition partition) {
    return topic(partition.topic()).logs().get(partition.partition());
  }
}
