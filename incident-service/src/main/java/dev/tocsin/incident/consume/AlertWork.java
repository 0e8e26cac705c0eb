package dev.tocsin.incident.consume;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.kafka.Awaiting;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Failures;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.kafka.Resume.Reason;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresFailures;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.AlertIntake.FencedException;
import dev.tocsin.incident.ports.AlertIntake.Position;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Lifecycle;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes alert events in, each in a transaction that also moves the stored offset of its partition:
 * a replay and a consumer that lost its partition write nothing. One alert that cannot be stored
 * costs nobody else a page. Heartbeats of rule groups are taken in together, when an alert follows
 * or a second later. Kafka's committed offset only shows the lag.
 */
final class AlertWork implements Work {
  private static final Logger log = LoggerFactory.getLogger(AlertWork.class);
  private static final Duration HEARTBEATS_WAIT = Duration.ofSeconds(1);
  private static final Duration ENDS_EVERY = Duration.ofSeconds(5);

  /** Between the producers of alerts and our database. */
  private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

  private static final Instant TIME_MAX = Instant.parse("9999-12-31T00:00:00Z");

  private final AlertIntake intake;
  private final IncidentStore store;
  private final Lifecycle lifecycle;
  private final AlertGaps gaps;
  private final Awaiting awaiting;
  private final LongSupplier nanoTime;
  private final Map<TopicPartition, Lane> lanes = new LinkedHashMap<>();
  private @Nullable RecordSource source;
  private long endsAskedNanos;

  /** What is staged of one partition, in order; {@code next} is the stored offset. */
  private static final class Lane {
    final ArrayDeque<Staged> staged = new ArrayDeque<>();
    long next;
    int urgent;
    long sinceNanos;

    Lane(long next) {
      this.next = next;
    }
  }

  /** A record: an alert, a heartbeat, or neither when it was put aside. */
  private record Staged(long offset, @Nullable AlertEvent event, @Nullable AlertHeartbeat beat) {}

  AlertWork(
      AlertIntake intake,
      IncidentStore store,
      Lifecycle lifecycle,
      AlertGaps gaps,
      Awaiting awaiting,
      LongSupplier nanoTime) {
    this.intake = intake;
    this.store = store;
    this.lifecycle = lifecycle;
    this.gaps = gaps;
    this.awaiting = awaiting;
    this.nanoTime = nanoTime;
  }

  @Override
  public void open(RecordSource opened) {
    source = opened;
    endsAskedNanos = nanoTime.getAsLong();
  }

  @Override
  public long begin(TopicPartition partition, Extent extent) throws Exception {
    int number = partition.partition();
    lanes.remove(partition);
    AlertIntake.Kept kept = await(intake.kept(number));
    Resume resume = Resume.of(kept.point(), extent);
    if (!resume.gaps().isEmpty()) {
      // Before "missing" is said: it may have grown since it was asked how far it goes.
      resume = withUnread(partition, kept, Resume.of(kept.point(), source().extent(partition)));
    }
    await(intake.resume(number, kept.point(), resume)).forEach(lifecycle::committed);
    gaps.found(partition, resume.gaps());
    long next = resume.point().offset();
    lanes.put(partition, new Lane(next));
    return next;
  }

  /**
   * Kafka gives the offsets of a lost tail to new records, and some may have been written before we
   * are back: all that is younger than our last look is read. What of it was read before does
   * nothing, as events have ids.
   */
  private Resume withUnread(TopicPartition partition, AlertIntake.Kept kept, Resume resume) {
    boolean lost = resume.gaps().stream().anyMatch(gap -> gap.reason() == Reason.LOST_TAIL);
    if (!lost) {
      return resume;
    }
    long sinceMs = Math.max(0, kept.movedAt().minus(CLOCKS_DIFFER).toEpochMilli());
    Resume.Point point = resume.point();
    long offset =
        Math.min(point.offset(), source().offsetAt(partition, sinceMs).orElse(point.offset()));
    return new Resume(new Resume.Point(offset, point.topicId(), point.epoch()), resume.gaps());
  }

  @Override
  public void end(TopicPartition partition) {
    lanes.remove(partition);
  }

  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    try {
      AlertHeartbeat beat = AlertHeartbeat.decode(message.value()).orElse(null);
      if (beat != null) {
        checkTime("at", beat.at());
        stage(message, new Staged(message.offset(), null, beat));
      } else {
        AlertEvent event = AlertEvent.decode(message.value());
        check(event);
        stage(message, new Staged(message.offset(), event, null));
      }
      return Verdict.TAKEN;
    } catch (ContractException e) {
      skip(message);
      return Verdict.putAside("malformed", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    stage(message, new Staged(message.offset(), null, null));
  }

  private void stage(ConsumerRecord<byte[], byte[]> message, Staged staged) {
    Lane lane = lanes.get(new TopicPartition(message.topic(), message.partition()));
    if (lane == null) {
      throw new IllegalStateException("a record of a partition that has not begun: " + message);
    }
    lane.sinceNanos = lane.staged.isEmpty() ? nanoTime.getAsLong() : lane.sinceNanos;
    lane.staged.add(staged);
    lane.urgent += staged.beat == null ? 1 : 0;
  }

  /** A record may lack fields its decoder does not insist on. */
  @SuppressWarnings("ConstantValue")
  private static void check(AlertEvent event) {
    if (event.fingerprint() == null || event.fingerprint().isBlank()) {
      throw new ContractException(
          "fingerprint: %s (expected: a text)".formatted(event.fingerprint()), null);
    }
    if (event.rule() == null || event.ruleGroup() == null) {
      throw new ContractException("rule: null (expected: group and name)", null);
    }
    checkTime("startsAt", event.startsAt());
  }

  private static void checkTime(String field, Instant time) {
    if (time.isBefore(Instant.EPOCH) || time.isAfter(TIME_MAX)) {
      throw new ContractException(field + ": " + time + " (expected: 1970 to 9999)", null);
    }
  }

  @Override
  public void flush(Turn turn) throws Exception {
    Map<TopicPartition, Long> moved = new HashMap<>();
    for (Map.Entry<TopicPartition, Lane> each : lanes.entrySet()) {
      flush(turn, each.getKey(), each.getValue(), moved);
    }
    if (!moved.isEmpty()) {
      source().commit(moved);
    }
    if (nanoTime.getAsLong() - endsAskedNanos > ENDS_EVERY.toNanos()) {
      endsAskedNanos = nanoTime.getAsLong();
      readToEnd(turn);
    }
  }

  private void flush(
      Turn turn, TopicPartition partition, Lane lane, Map<TopicPartition, Long> moved)
      throws Exception {
    boolean due =
        turn.now()
            || lane.urgent > 0
            || nanoTime.getAsLong() - lane.sinceNanos > HEARTBEATS_WAIT.toNanos();
    while (due && !lane.staged.isEmpty()) {
      List<Staged> run = run(lane);
      long next = run.get(run.size() - 1).offset + 1;
      Position position = new Position(partition.partition(), lane.next, next);
      try {
        store(position, run);
      } catch (FencedException e) {
        log.info("{}", e.getMessage());
        turn.restart(partition);
        return;
      } catch (Exception e) {
        if (environmental(e)) {
          throw e;
        }
        // Nothing of the run is stored. Heartbeats are found one by one by whoever isolates.
        throw run.size() == 1
            ? new RecordFailure(partition, run.get(0).offset, e)
            : new PartitionFailure(partition, e);
      }
      run.forEach(
          stored -> {
            lane.staged.remove();
            lane.urgent -= stored.beat == null ? 1 : 0;
          });
      lane.next = next;
      turn.durable(partition, next);
      moved.put(partition, next);
    }
  }

  /** What is stored together: one alert, or the same of anything else. */
  private static List<Staged> run(Lane lane) {
    List<Staged> run = new ArrayList<>();
    for (Staged staged : lane.staged) {
      boolean joins =
          run.isEmpty()
              || (staged.event == null
                  && run.get(0).event == null
                  && (staged.beat == null) == (run.get(0).beat == null));
      if (!joins) {
        break;
      }
      run.add(staged);
    }
    return run;
  }

  private void store(Position position, List<Staged> run) throws Exception {
    AlertEvent event = run.get(0).event;
    if (event != null) {
      lifecycle.committed(await(intake.alert(position, event)));
      return;
    }
    List<AlertHeartbeat> beats = new ArrayList<>();
    for (Staged staged : run) {
      if (staged.beat != null) {
        beats.add(staged.beat);
      }
    }
    if (beats.isEmpty()) {
      await(intake.skip(position));
    } else {
      int partitions = partitions();
      await(intake.heartbeats(position, beats, partitions)).forEach(lifecycle::committed);
    }
  }

  private int partitions() {
    TopicPartition any = lanes.keySet().iterator().next();
    return source().partitions(any.topic()).size();
  }

  /** Tells the store which partitions have nothing more to say right now. */
  private void readToEnd(Turn turn) throws Exception {
    Map<TopicPartition, Long> idle = new HashMap<>();
    lanes.forEach(
        (partition, lane) -> {
          if (lane.staged.isEmpty()) {
            idle.put(partition, turn.position(partition));
          }
        });
    if (idle.isEmpty()) {
      return;
    }
    for (Map.Entry<TopicPartition, Long> end : source().ends(idle.keySet()).entrySet()) {
      TopicPartition partition = end.getKey();
      Lane lane = lanes.get(partition);
      if (lane != null && idle.getOrDefault(partition, -1L) >= end.getValue()) {
        await(intake.readToEnd(partition.partition(), lane.next));
      }
    }
  }

  /** A refusal of the data is the record's fault; any other answer of the database is not. */
  @Override
  public boolean environmental(Throwable failure) {
    return !PostgresFailures.ofData(failure)
        && (PostgresFailures.answered(failure)
            || Postgres.isAway(failure)
            || failure instanceof FencedException
            // What is left of a failure that is no exception: a word of the connection pool.
            || failure instanceof ExecutionException
            || Failures.environmental(failure));
  }

  @Override
  public boolean probe() {
    try {
      await(store.now());
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private RecordSource source() {
    if (source == null) {
      throw new IllegalStateException("not open");
    }
    return source;
  }

  private <T> T await(Future<T> future) throws Exception {
    return awaiting.await(future);
  }
}
