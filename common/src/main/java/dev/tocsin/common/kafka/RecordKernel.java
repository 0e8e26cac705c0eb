package dev.tocsin.common.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the law of records for one consumer: every record is taken by its {@link Work}, or put
 * aside with a reason, and the next one follows. An unexpected failure of whatever kind costs at
 * most the record that causes it, which is found by trying the range that failed in ever smaller
 * pieces. When the world fails, nothing is put aside: {@link #step} throws, whoever drives the
 * kernel closes it, waits and opens it again, and it goes on where it was.
 *
 * <p>It has no thread and no clock of its own. One thread at a time calls {@link #open}, {@link
 * #step} and {@link #close}; what it has learnt about bad records outlives a close.
 */
public final class RecordKernel implements RecordSource.Membership {
  private static final Logger log = LoggerFactory.getLogger(RecordKernel.class);

  /**
   * How often a damaged record is asked for, each time by another source, before it counts as lost:
   * more would hold up those behind it by seconds each.
   */
  private static final int UNREADABLE_TRIES = 3;

  /** How much later than others partitions begin whose records fail. */
  private static final Duration OTHERS_FIRST = Duration.ofSeconds(2);

  private final String name;
  private final PartitionChoice intake;
  private final Supplier<? extends Work> works;
  private final MeterRegistry metrics;
  private final LongSupplier nanoTime;
  private final Progress progress = new Progress();
  private final Map<TopicPartition, Lane> lanes = new LinkedHashMap<>();
  private final Learnt learnt = new Learnt();
  private final Trials trials = learnt.trials();
  private final Map<TopicPartition, Uuid> topicIds = new HashMap<>();
  private final Letters letters;
  private final Outlook outlook;
  private final Search search;
  private @Nullable RecordSource source;
  private @Nullable Work work;

  /**
   * @param name for logs, metrics and health
   * @param works makes the work of each new source
   * @param nanoTime monotonic time
   */
  public RecordKernel(
      String name,
      PartitionChoice intake,
      Supplier<? extends Work> works,
      Aside aside,
      MeterRegistry metrics,
      LongSupplier nanoTime) {
    this.name = name;
    this.intake = intake;
    this.works = works;
    this.letters = new Letters(aside, learnt);
    this.outlook = new Outlook(name, intake, progress);
    this.search = new Search(name, learnt, lanes, this::restart);
    this.metrics = metrics;
    this.nanoTime = nanoTime;
  }

  /** What health and lag are told from; from any thread. */
  Progress progress() {
    return progress;
  }

  /** Begins to use a source, which is closed by {@link #close}. */
  public void open(RecordSource opened) throws Exception {
    source = opened;
    outlook.opened(nanoTime.getAsLong());
    Work made = works.get();
    work = made;
    made.open(opened);
    if (intake instanceof PartitionChoice.Shared shared) {
      opened.join(shared.topics(), this);
    } else {
      assign(opened);
    }
  }

  /** Whether nothing waits, as far as has been looked since the source was opened. */
  boolean caughtUp() {
    return outlook.isComplete() && progress.lag() == 0;
  }

  /** Takes over the partitions that exist by now; those it has stay as they are. */
  private void assign(RecordSource from) {
    List<TopicPartition> wanted = outlook.partitions(from, nanoTime.getAsLong());
    if (!lanes.keySet().containsAll(wanted)) {
      from.assign(wanted);
      wanted.forEach(partition -> lanes.computeIfAbsent(partition, this::lane));
    }
  }

  @Override
  public void assigned(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> lanes.put(partition, lane(partition)));
    progress.retain(lanes.keySet());
    outlook.assigned();
  }

  private Lane lane(TopicPartition partition) {
    return new Lane(partition, nanoTime.getAsLong());
  }

  @Override
  public void revoked(Collection<TopicPartition> partitions) {
    Work losing = work;
    if (losing == null) {
      // A source that closes gives up its partitions too. What waits still waits: no progress.
      return;
    }
    for (TopicPartition partition : partitions) {
      lanes.remove(partition);
      losing.end(partition);
    }
    progress.gone(partitions);
  }

  /**
   * One poll and what follows from it.
   *
   * @throws Exception when the world fails: close, wait, open again
   */
  public void step() throws Exception {
    boolean atRecords = false;
    try {
      beginLanes();
      look();
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> polled = poll();
      atRecords = true;
      for (Map.Entry<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> each :
          polled.entrySet()) {
        Lane lane = lanes.get(each.getKey());
        if (lane != null && lane.begun) {
          handOver(lane, each.getValue());
        }
      }
      flush(false);
      settle();
    } catch (Exception failure) {
      if (atRecords) {
        search.failedByTheWorld(failure, () -> working().probe());
      }
      // Where a partition cannot even begin, records wait all the same.
      look();
      throw failure;
    }
  }

  private void beginLanes() throws Exception {
    for (Lane lane : List.copyOf(lanes.values())) {
      if (!lane.begun && !yields(lane)) {
        Extent extent = reading().extent(lane.partition);
        long offset = working().begin(lane.partition, extent);
        if (offset < extent.beginning() || offset > extent.end()) {
          // Asking Kafka for it would fail at once, and again, without a pause.
          throw new IllegalStateException(
              "%s: begin at %d (expected: %d to %d)"
                  .formatted(lane.partition, offset, extent.beginning(), extent.end()));
        }
        reading().seek(lane.partition, offset);
        Uuid before = topicIds.put(lane.partition, extent.topicId());
        boolean otherTopic = before != null && !before.equals(extent.topicId());
        if (otherTopic) {
          learnt.forget(lane.partition);
        }
        // What was learnt counts on when others have had the partition meanwhile, from here on.
        learnt.passed(lane.partition, offset);
        learnt.lost(lane.partition, extent.end());
        progress.begun(lane.partition, offset, lane.afresh || otherTopic, nanoTime.getAsLong());
        lane.begin(offset);
      }
    }
  }

  /**
   * Whether others go first, for they have failed less. A partition with many records behind one
   * that makes us fail may fill every poll: as each try of the search ends with its source, those
   * of the others would never come.
   */
  private boolean yields(Lane lane) {
    int rank = trials.rank(lane.partition);
    long turns =
        lanes.keySet().stream()
            .mapToInt(trials::rank)
            .filter(other -> other < rank)
            .distinct()
            .count();
    return nanoTime.getAsLong() - lane.givenNanos < turns * OTHERS_FIRST.toNanos();
  }

  private Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> poll() throws Exception {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> byPartition = new LinkedHashMap<>();
    try {
      for (ConsumerRecord<byte[], byte[]> message : reading().poll(working().pollWait())) {
        byPartition
            .computeIfAbsent(
                new TopicPartition(message.topic(), message.partition()), p -> new ArrayList<>())
            .add(message);
      }
    } catch (OffsetOutOfRangeException e) {
      outOfRange(e.offsetOutOfRangePartitions().keySet());
    } catch (UnreadableRecordException e) {
      unreadable(e);
    }
    return byPartition;
  }

  /** The work decides anew where to go on: only it knows what the offsets it has are worth. */
  private void outOfRange(Set<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      Lane lane = lanes.get(partition);
      if (lane != null) {
        log.warn("{}: {} has no offset {} any more, or not yet", name, partition, lane.next);
        count("tocsin.consumer.out.of.range", partition.topic());
        learnt.forget(partition);
        restart(lane);
        lane.afresh = true;
      }
    }
  }

  /**
   * What cannot be read is put aside by its place alone. The work goes past it like past any other
   * record: it would begin there again otherwise.
   */
  private void unreadable(UnreadableRecordException failure) throws Exception {
    TopicPartition partition = failure.partition();
    if (learnt.damagedAgain(partition, failure.offset()) < UNREADABLE_TRIES) {
      throw failure;
    }
    Lane lane = lanes.get(partition);
    if (lane == null || !lane.begun || !isOfTheTopicBegun(lane)) {
      return;
    }
    log.error("{}: a damaged record is left out: {}", name, failure.getMessage());
    count("tocsin.consumer.unreadable.records", partition.topic());
    ConsumerRecord<byte[], byte[]> place =
        new ConsumerRecord<>(
            partition.topic(), partition.partition(), failure.offset(), null, null);
    if (failure.offset() >= lane.next) {
      letters.put(
          place, new Verdict.PutAside("unreadable", String.valueOf(failure.getMessage()), null));
      working().skip(place);
      lane.handed(failure.offset(), false);
    }
    reading().seek(partition, failure.offset() + 1);
  }

  private void handOver(Lane lane, List<ConsumerRecord<byte[], byte[]>> messages) throws Exception {
    if (!isOfTheTopicBegun(lane)) {
      return;
    }
    int handed = 0;
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      if (message.offset() < lane.next) {
        continue;
      }
      int piece = trials.piece(lane.partition).orElse(Integer.MAX_VALUE);
      // A piece is tried alone, so that a failure is its own.
      if (piece != Integer.MAX_VALUE && handed == 0 && !flushedAlone(lane)) {
        return;
      }
      if (!hand(lane, message)) {
        return;
      }
      handed++;
      if (handed < piece && working().isFull() && !flushedAlone(lane)) {
        return;
      }
      if (handed >= piece) {
        handed = 0;
        if (!flushedAlone(lane)) {
          return;
        }
        trials.wentWell(lane.partition);
      }
    }
    if (handed > 0 && trials.piece(lane.partition).isPresent()) {
      flush(true);
    }
  }

  /**
   * A topic that was made anew shows by offsets out of range, but not to those who wait for the
   * first record: they look once, when it is there.
   */
  private boolean isOfTheTopicBegun(Lane lane) {
    if (!lane.unsure) {
      return true;
    }
    Uuid now = reading().extent(lane.partition).topicId();
    lane.unsure = false;
    if (now.equals(topicIds.get(lane.partition))) {
      return true;
    }
    outOfRange(Set.of(lane.partition));
    return false;
  }

  /** Makes all that is staged durable; false when the lane has to begin anew. */
  private boolean flushedAlone(Lane lane) throws Exception {
    flush(true);
    return lane.begun && lanes.get(lane.partition) == lane;
  }

  /** False when the lane has to begin anew. */
  private boolean hand(Lane lane, ConsumerRecord<byte[], byte[]> message) throws Exception {
    Throwable blamed = learnt.blamed(lane.partition, message.offset());
    if (blamed != null || letters.isForOthers(message)) {
      if (blamed != null) {
        letters.put(message, new Verdict.PutAside("failed", blamed.toString(), null));
      }
      working().skip(message);
      lane.handed(message.offset(), false);
      return true;
    }
    Verdict verdict;
    try {
      verdict = take(message);
    } catch (Exception e) {
      if (working().environmental(e)) {
        throw e;
      }
      search.blame(lane, message.offset(), e);
      return false;
    }
    lane.handed(message.offset(), verdict instanceof Verdict.Taken);
    if (verdict instanceof Verdict.PutAside some) {
      letters.put(message, some);
    }
    return true;
  }

  private Verdict take(ConsumerRecord<byte[], byte[]> message) throws Exception {
    try {
      return working().take(message);
    } catch (StackOverflowError e) {
      throw new IllegalStateException("nested too deep: " + e, e);
    }
  }

  /** The work forgets what it has staged at once; the next step begins the lane anew. */
  private void restart(Lane lane) {
    lane.restart();
    working().end(lane.partition);
  }

  private void flush(boolean now) throws Exception {
    letters.await();
    Flush turn = new Flush(now);
    try {
      working().flush(turn);
    } catch (StackOverflowError e) {
      search.isolate(new IllegalStateException("nested too deep: " + e, e));
    } catch (Exception e) {
      if (working().environmental(e)) {
        throw e;
      }
      search.isolate(e);
    }
    turn.restarted.forEach(this::restart);
  }

  /** What is no record, such as a transaction's end, is done with when all before it is. */
  private void settle() {
    for (Lane lane : lanes.values()) {
      if (lane.begun && lane.staged.isEmpty()) {
        lane.next = Math.max(lane.next, reading().position(lane.partition));
        durable(lane, lane.next);
      }
    }
  }

  private void durable(Lane lane, long offset) {
    lane.durable(offset);
    progress.durable(lane.partition, offset, nanoTime.getAsLong());
    learnt.passed(lane.partition, offset);
  }

  /** Looks now and then at where the partitions end, and whether there are more of them. */
  private void look() {
    long nowNanos = nanoTime.getAsLong();
    if (outlook.look(reading(), lanes.keySet(), nowNanos)) {
      try {
        assign(reading());
      } catch (KafkaException e) {
        outlook.blind(e, nowNanos);
      }
    }
  }

  /** Closes the work and the source; what is staged is forgotten, and read again after an open. */
  public void close() throws Exception {
    Work closing = work;
    RecordSource closed = source;
    work = null;
    source = null;
    lanes.clear();
    letters.abandon();
    try {
      if (closing != null) {
        closing.close();
      }
    } finally {
      if (closed != null) {
        closed.close();
      }
    }
  }

  private void count(String metric, String topic) {
    metrics.counter(metric, "consumer", name, "topic", topic).increment();
  }

  private Work working() {
    if (work == null) {
      throw new IllegalStateException(name + " is not open");
    }
    return work;
  }

  private RecordSource reading() {
    if (source == null) {
      throw new IllegalStateException(name + " is not open");
    }
    return source;
  }

  /** The kernel as a flush sees it. */
  private final class Flush implements Work.Turn {
    private final boolean now;

    /** Ended only when the flush has returned, which may be looking at them. */
    private final List<Lane> restarted = new ArrayList<>();

    Flush(boolean now) {
      this.now = now;
    }

    @Override
    public boolean now() {
      return now;
    }

    @Override
    public void durable(TopicPartition partition, long offset) {
      Lane lane = lanes.get(partition);
      if (lane != null && lane.begun) {
        RecordKernel.this.durable(lane, offset);
      }
    }

    @Override
    public void restart(TopicPartition partition) {
      Lane lane = lanes.get(partition);
      if (lane != null) {
        lane.afresh = true;
        restarted.add(lane);
      }
    }

    @Override
    public long position(TopicPartition partition) {
      Lane lane = lanes.get(partition);
      if (lane == null || !lane.begun) {
        return -1;
      }
      return now ? lane.next : Math.max(lane.next, reading().position(partition));
    }
  }
}
