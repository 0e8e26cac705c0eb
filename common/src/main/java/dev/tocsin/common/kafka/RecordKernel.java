package dev.tocsin.common.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

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
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final Duration NEW_PARTITIONS_EVERY = Duration.ofMinutes(1);

  /** Failures at one place that look environmental, after which the place itself is suspected. */
  private static final int STUCK_AFTER = 8;

  /** The same for a piece of a range that has been suspected before. */
  private static final int STUCK_AGAIN_AFTER = 2;

  /**
   * How often a damaged record is asked for, each time by another source, before it counts as lost:
   * more would hold up those behind it by seconds each.
   */
  private static final int UNREADABLE_TRIES = 3;

  /** How much later than others partitions begin whose records fail. */
  private static final Duration OTHERS_FIRST = Duration.ofSeconds(2);

  private final String name;
  private final Intake intake;
  private final Supplier<? extends Work> works;
  private final MeterRegistry metrics;
  private final LongSupplier nanoTime;
  private final Progress progress = new Progress();
  private final Trials trials = new Trials();
  private final Map<TopicPartition, Lane> lanes = new LinkedHashMap<>();
  private final Repeats repeats = new Repeats();

  /** Of failures with one record only: others may have been to blame for those before. */
  private final Repeats repeatsAlone = new Repeats();

  /** Apart from the others: what is staged before a damaged record fails along with it. */
  private final Repeats damaged = new Repeats();

  private final Map<TopicPartition, Uuid> topicIds = new HashMap<>();
  private final Letters letters;
  private @Nullable RecordSource source;
  private @Nullable Work work;
  private long lookedNanos;
  private long partitionsNanos;
  private long openedNanos;
  private boolean looked;

  /** Whether a rebalance has told which partitions are ours, if any. */
  private boolean assigned;

  /**
   * @param name for logs, metrics and health
   * @param works makes the work of each new source
   * @param nanoTime monotonic time
   */
  public RecordKernel(
      String name,
      Intake intake,
      Supplier<? extends Work> works,
      Aside aside,
      MeterRegistry metrics,
      LongSupplier nanoTime) {
    this.name = name;
    this.intake = intake;
    this.works = works;
    this.letters = new Letters(aside);
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
    openedNanos = nanoTime.getAsLong();
    lookedNanos = openedNanos - LOOK_EVERY.toNanos();
    looked = false;
    assigned = false;
    Work made = works.get();
    work = made;
    made.open(opened);
    if (intake instanceof Intake.Shared shared) {
      opened.join(shared.topics(), this);
    } else {
      assign(opened);
    }
  }

  /** Whether nothing waits, as far as has been looked since the source was opened. */
  boolean caughtUp() {
    return looked && progress.lag() == 0;
  }

  /** Takes over the partitions that exist by now; those it has stay as they are. */
  private void assign(RecordSource from) {
    partitionsNanos = nanoTime.getAsLong();
    List<TopicPartition> wanted = new ArrayList<>();
    for (String topic : topics()) {
      from.partitions(topic).stream().filter(this::wanted).forEach(wanted::add);
    }
    if (wanted.isEmpty()) {
      throw new UnknownTopicOrPartitionException("no partition of " + topics());
    }
    if (!lanes.keySet().containsAll(wanted)) {
      from.assign(wanted);
      wanted.forEach(partition -> lanes.computeIfAbsent(partition, this::lane));
    }
  }

  private Collection<String> topics() {
    if (intake instanceof Intake.Named named) {
      return named.partitions().stream().map(TopicPartition::topic).distinct().sorted().toList();
    }
    return intake instanceof Intake.All all ? all.topics() : ((Intake.Shared) intake).topics();
  }

  private boolean wanted(TopicPartition partition) {
    return !(intake instanceof Intake.Named named) || named.partitions().contains(partition);
  }

  @Override
  public void assigned(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> lanes.put(partition, lane(partition)));
    progress.retain(lanes.keySet());
    assigned = true;
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
        failed(failure);
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
          forget(lane.partition);
        }
        // What was learnt counts on when others have had the partition meanwhile, from here on.
        forgetBefore(lane.partition, offset);
        forgetFrom(lane.partition, extent.end());
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
        forget(partition);
        restart(lane);
        lane.afresh = true;
      }
    }
  }

  /** What was learnt about records of the partition is about others now. */
  private void forget(TopicPartition partition) {
    trials.forget(partition);
    letters.forget(partition);
    repeats.forget(partition);
    repeatsAlone.forget(partition);
    damaged.forget(partition);
  }

  /**
   * What cannot be read is put aside by its place alone. The work goes past it like past any other
   * record: it would begin there again otherwise.
   */
  private void unreadable(UnreadableRecordException failure) throws Exception {
    TopicPartition partition = failure.partition();
    if (damaged.again(partition, failure.offset()) < UNREADABLE_TRIES) {
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
    Throwable blamed = trials.blamed(lane.partition, message.offset());
    if (blamed != null) {
      letters.put(message, new Verdict.PutAside("failed", blamed.toString(), null));
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
      blame(lane, message.offset(), e);
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

  private void blame(Lane lane, long offset, Throwable why) {
    log.error(
        "{}: {}@{} is put aside, because it makes us fail", name, lane.partition, offset, why);
    trials.blame(lane.partition, offset, why);
    restart(lane);
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
      isolate(new IllegalStateException("nested too deep: " + e, e));
    } catch (Exception e) {
      if (working().environmental(e)) {
        throw e;
      }
      isolate(e);
    }
    turn.restarted.forEach(this::restart);
  }

  /** A flush failed, and the world is well. */
  private void isolate(Exception failure) throws Exception {
    if (failure instanceof Work.RecordFailure one) {
      Lane lane = lanes.get(one.partition());
      if (lane != null && trials.blamed(one.partition(), one.offset()) == null) {
        blame(lane, one.offset(), one.getCause() == null ? one : one.getCause());
        return;
      }
      throw failure;
    }
    Set<Lane> affected = new LinkedHashSet<>();
    if (failure instanceof Work.PartitionFailure some) {
      Lane lane = lanes.get(some.partition());
      if (lane != null) {
        affected.add(lane);
      }
    } else {
      lanes.values().stream().filter(lane -> !lane.staged.isEmpty()).forEach(affected::add);
    }
    search(affected, failure);
  }

  private void search(Set<Lane> affected, Exception failure) throws Exception {
    int records = affected.stream().mapToInt(lane -> lane.staged.size()).sum();
    if (affected.stream().allMatch(lane -> lane.taken == 0)) {
      // Nothing but the way past it is left of any record, so none is to blame.
      throw failure;
    }
    Throwable cause =
        failure instanceof Work.PartitionFailure some && some.getCause() != null
            ? some.getCause()
            : failure;
    for (Lane lane : affected) {
      if (records == 1) {
        blame(lane, lane.staged.getFirst(), cause);
      } else {
        boolean first = trials.piece(lane.partition).isEmpty();
        log.atLevel(first ? Level.WARN : Level.DEBUG)
            .log(
                "{}: {} from {} to {} fails as a whole; looking for the record to blame: {}",
                name,
                lane.partition,
                lane.staged.getFirst(),
                lane.next,
                cause.toString());
        trials.suspect(lane.partition, lane.next, lane.staged.size());
        restart(lane);
      }
    }
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
    forgetBefore(lane.partition, offset);
  }

  private void forgetBefore(TopicPartition partition, long offset) {
    trials.passed(partition, offset);
    letters.passed(partition, offset);
    repeats.passed(partition, offset);
    repeatsAlone.passed(partition, offset);
    damaged.passed(partition, offset);
  }

  /** What was there is lost, or never was: other records will have these offsets. */
  private void forgetFrom(TopicPartition partition, long end) {
    trials.lost(partition, end);
    letters.lost(partition, end);
    repeats.lost(partition, end);
    repeatsAlone.lost(partition, end);
    damaged.lost(partition, end);
  }

  /** Looks now and then at where the partitions end, and whether there are more of them. */
  private void look() {
    long nowNanos = nanoTime.getAsLong();
    Collection<TopicPartition> mine = lanes.keySet();
    if (mine.isEmpty()) {
      if (assigned || nowNanos - openedNanos > NEW_PARTITIONS_EVERY.toNanos()) {
        // Others have them all.
        progress.retain(mine);
        progress.ends(Map.of(), nowNanos);
        looked = true;
      }
      return;
    }
    if (nowNanos - lookedNanos < LOOK_EVERY.toNanos()) {
      return;
    }
    lookedNanos = nowNanos;
    progress.retain(mine);
    try {
      progress.ends(reading().ends(mine), nowNanos);
      looked = true;
      boolean fixed = !(intake instanceof Intake.Shared);
      if (fixed && nowNanos - partitionsNanos > NEW_PARTITIONS_EVERY.toNanos()) {
        assign(reading());
      }
    } catch (KafkaException e) {
      log.debug("{}: Kafka does not tell where partitions end: {}", name, e.getMessage());
      progress.blind(nowNanos);
    }
  }

  /**
   * The world failed. When it does so again and again with the same records while what the work
   * needs answers, it is not the world: they are tried in pieces, and the last one goes aside.
   */
  private void failed(Exception failure) {
    List<Lane> staged = lanes.values().stream().filter(lane -> !lane.staged.isEmpty()).toList();
    int records = staged.stream().mapToInt(lane -> lane.staged.size()).sum();
    if (staged.size() == 1) {
      trials.failedAlone(staged.get(0).partition);
    }
    for (Lane lane : staged) {
      int failures = repeats.again(lane.partition, lane.staged.getFirst());
      boolean suspected = trials.piece(lane.partition).isPresent();
      if (records > 1 && failures >= (suspected ? STUCK_AGAIN_AFTER : STUCK_AFTER)) {
        trials.suspect(lane.partition, lane.next, lane.staged.size());
      } else if (records == 1
          && repeatsAlone.again(lane.partition, lane.staged.getFirst()) >= STUCK_AGAIN_AFTER
          && failures >= STUCK_AFTER
          && lane.taken == 1
          && working().probe()) {
        blame(lane, lane.staged.getFirst(), failure);
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
