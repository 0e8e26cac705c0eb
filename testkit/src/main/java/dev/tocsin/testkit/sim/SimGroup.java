package dev.tocsin.testkit.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * A consumer group: who has which partition, and the committed offsets. A rebalance gives each
 * partition to any member by chance; it is given once its old owner, at a poll of its own, has let
 * go, or has been silent for the session time-out.
 */
public final class SimGroup {
  private static final Duration SESSION = Duration.ofSeconds(10);

  private final String id;
  private final boolean cooperative;
  private final SimKafka kafka;
  private final List<SimMember> members = new ArrayList<>();
  private final Map<TopicPartition, SimMember> wanted = new LinkedHashMap<>();
  private final Map<TopicPartition, SimMember> owners = new LinkedHashMap<>();
  private final Map<TopicPartition, Committed> committed = new LinkedHashMap<>();
  private final Set<TopicPartition> undecided = new LinkedHashSet<>();
  private Consumer<String> steppingBack = what -> {};
  private Passing passing = (partition, from, to, along) -> {};
  private int generation;
  private int joins;

  /** Who is told of the offsets that a commit passes. */
  public interface Passing {
    /**
     * @param to after the last
     * @param along records of the transaction that moves the offset, if one does
     */
    void passed(TopicPartition partition, long from, long to, List<SimRecord> along);
  }

  /**
   * An offset, and what its log was when it was committed.
   *
   * @param epoch of the log's leader
   * @param end of the log: before the offset when what was read there was lost meanwhile
   */
  private record Committed(long offset, int epoch, long end) {}

  SimGroup(String id, boolean cooperative, SimKafka kafka) {
    this.id = id;
    this.cooperative = cooperative;
    this.kafka = kafka;
  }

  String id() {
    return id;
  }

  boolean cooperative() {
    return cooperative;
  }

  int generation() {
    return generation;
  }

  boolean has(SimMember member) {
    return members.contains(member);
  }

  String join(SimMember member) {
    members.add(member);
    rebalance();
    return id + "-" + ++joins;
  }

  void leave(SimMember member) {
    if (members.remove(member)) {
      owners.values().removeIf(member::equals);
      rebalance();
    }
  }

  /** Assigns anew by chance. */
  public void rebalance() {
    generation++;
    wanted.clear();
    Set<String> topics = new LinkedHashSet<>();
    members.forEach(member -> topics.addAll(member.topics()));
    for (String topic : topics) {
      List<SimMember> candidates =
          members.stream().filter(member -> member.topics().contains(topic)).toList();
      for (TopicPartition partition : kafka.partitions(topic)) {
        wanted.put(partition, candidates.get(kafka.scheduler().pick(candidates.size())));
      }
    }
    kafka.scheduler().trace().add(id + " rebalances to generation " + generation);
  }

  /** A member is taken for dead: others get its partitions while it thinks that it has them. */
  public void expel() {
    if (!members.isEmpty()) {
      expel(members.get(kafka.scheduler().pick(members.size())));
    }
  }

  private void expel(SimMember member) {
    kafka.scheduler().trace().add(id + " expels " + member.memberId());
    leave(member);
  }

  /** Expels who has been silent for too long. */
  void expelSilent() {
    long before = kafka.scheduler().nanoTime() - SESSION.toNanos();
    for (SimMember member : List.copyOf(members)) {
      if (member.heardNanos() < before) {
        expel(member);
      }
    }
  }

  /** After an outage of its own the group has no idea who was silent. */
  void hearAll() {
    members.forEach(SimMember::heard);
  }

  boolean wantedBy(SimMember member, TopicPartition partition) {
    return Objects.equals(wanted.get(partition), member);
  }

  void release(SimMember member, List<TopicPartition> partitions) {
    partitions.forEach(partition -> owners.remove(partition, member));
  }

  /** Gives the member what is wanted for it and free. */
  List<TopicPartition> claim(SimMember member) {
    List<TopicPartition> gained = new ArrayList<>();
    wanted.forEach(
        (partition, candidate) -> {
          if (candidate == member && !owners.containsKey(partition)) {
            gained.add(partition);
          }
        });
    gained.forEach(partition -> owners.put(partition, member));
    return gained;
  }

  /** The offset the group has committed, as far as that is decided. */
  OptionalLong committed(TopicPartition partition) {
    if (undecided.contains(partition)) {
      throw new org.apache.kafka.common.errors.TimeoutException(
          "simulated: the offset of " + partition + " is in an open transaction");
    }
    Committed last = committed.get(partition);
    return last == null ? OptionalLong.empty() : OptionalLong.of(last.offset);
  }

  /** As committed, decided or not; -1 for none. */
  public long committedOrNone(TopicPartition partition) {
    Committed last = committed.get(partition);
    return last == null ? -1 : last.offset;
  }

  /**
   * @param along records of the same transaction, if there is one
   */
  void commit(Map<TopicPartition, Long> offsets, List<SimRecord> along) {
    offsets.forEach(
        (partition, offset) -> {
          SimLog log = kafka.log(partition);
          Committed before =
              committed.put(partition, new Committed(offset, log.epoch(), log.end()));
          long from = before == null ? 0 : Math.min(before.offset, keptOf(before, log));
          if (before != null && offset < from) {
            steppingBack.accept(partition + " goes back from " + before.offset + " to " + offset);
          }
          passing.passed(partition, from, offset, along);
        });
  }

  /**
   * Up to where the log is what it was before the offset was committed. What has that offset by now
   * may have been written since: whoever noticed the loss goes on behind what was kept, wherever
   * the log ends when the next offset is committed.
   */
  private static long keptOf(Committed before, SimLog log) {
    return Math.min(before.end, log.cutSince(before.epoch));
  }

  /** Who is told when a committed offset goes back over records that are there. */
  public void onSteppingBack(Consumer<String> listener) {
    steppingBack = listener;
  }

  /** Who is told of each move of a committed offset. */
  public void onPassing(Passing listener) {
    passing = listener;
  }

  void open(Set<TopicPartition> partitions) {
    undecided.addAll(partitions);
  }

  void decide(Set<TopicPartition> partitions) {
    undecided.removeAll(partitions);
  }

  void forget(String topic) {
    committed.keySet().removeIf(partition -> partition.topic().equals(topic));
  }

  /** Refuses whoever is no member of this generation. */
  void require(ConsumerGroupMetadata metadata) {
    if (metadata.memberId().isEmpty()) {
      return;
    }
    boolean known =
        members.stream().anyMatch(member -> member.memberId().equals(metadata.memberId()));
    if (!known || metadata.generationId() != generation) {
      throw new CommitFailedException(
          "simulated: %s of generation %d (expected: a member of generation %d)"
              .formatted(metadata.memberId(), metadata.generationId(), generation));
    }
  }
}
