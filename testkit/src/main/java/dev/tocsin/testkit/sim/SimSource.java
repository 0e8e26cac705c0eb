package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of {@link SimKafka}. A poll takes no time: how long it would have waited is told by
 * {@link #idle}, for whoever schedules the next one.
 */
public final class SimSource implements RecordSource {
  private static final int REPEATED_MAX = 5;

  private final SimKafka kafka;
  private final SimGroup group;
  private final Polls polls;
  private final Map<TopicPartition, Place> places = new LinkedHashMap<>();
  private final Set<TopicPartition> fixed = new LinkedHashSet<>();
  private @Nullable SimMember member;
  private Duration idle = Duration.ZERO;
  private boolean woken;
  private boolean closed;

  /** Where a partition is read, and by which leader the last record came; -1 for none yet. */
  private record Place(long offset, int epoch) {}

  /**
   * What polls bring.
   *
   * @param recordsMax at once
   * @param inOrder those of the partition that was sought first come first, all there are, as one
   *     broker's answers have it; else chance decides how many come of which
   */
  record Polls(int recordsMax, boolean inOrder) {}

  SimSource(SimKafka kafka, SimGroup group, Polls polls) {
    this.kafka = kafka;
    this.group = group;
    this.polls = polls;
  }

  /** How long the last poll would have waited; nothing when it found records. */
  public Duration idle() {
    return idle;
  }

  @Override
  public void join(Collection<String> topics, Membership membership) {
    topics.forEach(kafka::topic);
    SimMember joining =
        new SimMember(group, kafka.scheduler(), new LinkedHashSet<>(topics), heard(membership));
    member = joining;
    joining.join();
  }

  private Membership heard(Membership listener) {
    return new Membership() {
      @Override
      public void assigned(Collection<TopicPartition> partitions) {
        listener.assigned(partitions);
      }

      @Override
      public void revoked(Collection<TopicPartition> partitions) {
        listener.revoked(partitions);
        places.keySet().removeAll(partitions);
      }
    };
  }

  @Override
  public void assign(Collection<TopicPartition> partitions) {
    fixed.clear();
    fixed.addAll(partitions);
    places.keySet().retainAll(fixed);
  }

  @Override
  public Collection<TopicPartition> assignment() {
    SimMember joined = member;
    return joined == null ? List.copyOf(fixed) : List.copyOf(joined.owned());
  }

  @Override
  public List<TopicPartition> partitions(String topic) {
    kafka.answer("partitions");
    return kafka.partitions(topic);
  }

  @Override
  public Extent extent(TopicPartition partition) {
    kafka.answer("extent");
    return kafka.extent(partition);
  }

  @Override
  public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
    kafka.answer("ends");
    Map<TopicPartition, Long> ends = new LinkedHashMap<>();
    partitions.forEach(partition -> ends.put(partition, kafka.extent(partition).end()));
    return ends;
  }

  @Override
  public OptionalLong offsetAt(TopicPartition partition, long timeMs) {
    kafka.answer("times");
    return kafka.log(partition).committed().stream()
        .filter(kept -> kept.timestampMs() >= timeMs)
        .mapToLong(SimRecord::offset)
        .findFirst();
  }

  @Override
  public OptionalLong committed(TopicPartition partition) {
    kafka.answer("committed");
    return group.committed(partition);
  }

  @Override
  public void seek(TopicPartition partition, long offset) {
    requireMine(partition);
    places.put(partition, new Place(offset, -1));
  }

  @Override
  public long position(TopicPartition partition) {
    requireMine(partition);
    Place place = places.get(partition);
    if (place == null) {
      throw new IllegalStateException(partition + " was not sought");
    }
    return place.offset;
  }

  private void requireMine(TopicPartition partition) {
    if (closed || !assignment().contains(partition)) {
      throw new IllegalStateException(partition + " is not assigned: " + assignment());
    }
  }

  @Override
  public List<ConsumerRecord<byte[], byte[]>> poll(Duration wait) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    idle = wait;
    if (woken) {
      woken = false;
      throw new WakeupException();
    }
    if (kafka.faults().down()) {
      group.hearAll();
      return List.of();
    }
    if (kafka.scheduler().chance(kafka.faults().polls())) {
      throw new TimeoutException("simulated: poll");
    }
    SimMember joined = member;
    if (joined != null) {
      joined.duties();
    }
    List<ConsumerRecord<byte[], byte[]>> found = fetch();
    if (!found.isEmpty()) {
      idle = Duration.ZERO;
    }
    return found;
  }

  private List<ConsumerRecord<byte[], byte[]>> fetch() {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    List<TopicPartition> order = new ArrayList<>(places.keySet());
    SimScheduler chance = kafka.scheduler();
    for (int i = order.size() - 1; i > 0 && !polls.inOrder; i--) {
      Collections.swap(order, i, chance.pick(i + 1));
    }
    int most = polls.inOrder ? polls.recordsMax : 1 + chance.pick(polls.recordsMax);
    Map<TopicPartition, Long> lost = new LinkedHashMap<>();
    for (TopicPartition partition : order) {
      if (outOfRange(partition)) {
        lost.put(partition, position(partition));
      } else {
        fetch(partition, most, found);
      }
    }
    if (!lost.isEmpty() && found.isEmpty()) {
      throw new OffsetOutOfRangeException(lost);
    }
    return found;
  }

  private boolean outOfRange(TopicPartition partition) {
    if (!kafka.exists(partition)) {
      return false;
    }
    SimLog log = kafka.log(partition);
    Place place = place(partition);
    boolean otherLeader = place.epoch >= 0 && log.cutSince(place.epoch) < place.offset;
    return place.offset < log.beginning() || place.offset > log.end() || otherLeader;
  }

  private void fetch(
      TopicPartition partition, int most, List<ConsumerRecord<byte[], byte[]>> found) {
    if (!kafka.exists(partition)) {
      return;
    }
    SimLog log = kafka.log(partition);
    long stableEnd = log.stableEnd();
    long offset = goneBack(partition, log);
    while (found.size() < most) {
      offset = log.nextReadable(offset, stableEnd);
      SimEntry entry = offset < stableEnd ? log.at(offset) : null;
      if (entry == null) {
        break;
      }
      if (entry.damaged) {
        if (found.isEmpty()) {
          places.put(partition, new Place(offset, log.epoch()));
          throw new UnreadableRecordException(
              partition, offset, new CorruptRecordException("simulated"));
        }
        break;
      }
      found.add(entry.content.toConsumerRecord());
      offset++;
    }
    if (found.size() < most) {
      offset = log.nextReadable(offset, stableEnd);
    }
    if (offset > place(partition).offset) {
      places.put(partition, new Place(offset, log.epoch()));
    }
  }

  /** Some records may come twice. */
  private long goneBack(TopicPartition partition, SimLog log) {
    long offset = place(partition).offset;
    if (!kafka.scheduler().chance(kafka.faults().repeats())) {
      return offset;
    }
    return Math.max(log.beginning(), offset - kafka.scheduler().pick(REPEATED_MAX));
  }

  private Place place(TopicPartition partition) {
    return places.getOrDefault(partition, new Place(0, -1));
  }

  @Override
  public void commit(Map<TopicPartition, Long> offsets) {
    boolean refused =
        kafka.faults().down()
            || kafka.scheduler().chance(kafka.faults().forgets())
            || (member != null && !group.has(member));
    if (!refused) {
      group.commit(offsets, List.of());
    }
  }

  @Override
  @SuppressWarnings("removal") // There is no other way to make one yet.
  public ConsumerGroupMetadata group() {
    SimMember joined = member;
    return joined == null
        ? new ConsumerGroupMetadata(group.id())
        : new ConsumerGroupMetadata(
            group.id(), joined.generation(), joined.memberId(), Optional.empty());
  }

  @Override
  public void wakeup() {
    woken = true;
  }

  @Override
  public void close() {
    SimMember joined = member;
    if (!closed && joined != null) {
      joined.leave();
    }
    closed = true;
  }
}
