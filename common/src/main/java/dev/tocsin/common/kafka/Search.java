package dev.tocsin.common.kafka;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The search for the record that is to blame for a failure. Lanes that failed begin anew and are
 * tried in pieces, until a piece of one record fails: that one is blamed. Used by the kernel's
 * thread only.
 */
final class Search {
  private static final Logger log = LoggerFactory.getLogger(Search.class);

  /** Failures at one place that look environmental, after which the place itself is suspected. */
  private static final int STUCK_AFTER = 8;

  /** The same for a piece of a range that has been suspected before. */
  private static final int STUCK_AGAIN_AFTER = 2;

  private final String name;
  private final Learnt learnt;
  private final Map<TopicPartition, Lane> lanes;
  private final Consumer<Lane> restart;

  /**
   * @param lanes as they are at any time
   * @param restart makes a lane begin anew
   */
  Search(String name, Learnt learnt, Map<TopicPartition, Lane> lanes, Consumer<Lane> restart) {
    this.name = name;
    this.learnt = learnt;
    this.lanes = lanes;
    this.restart = restart;
  }

  void blame(Lane lane, long offset, Throwable why) {
    log.error(
        "{}: {}@{} is put aside, because it makes us fail", name, lane.partition, offset, why);
    learnt.blame(lane.partition, offset, why);
    restart.accept(lane);
  }

  /**
   * Some of what is staged cannot be made durable, and the world is well.
   *
   * @throws Exception the failure, when no record can be to blame
   */
  void isolate(Exception failure) throws Exception {
    if (failure instanceof Work.RecordFailure one) {
      Lane lane = lanes.get(one.partition());
      if (lane == null || learnt.blamed(one.partition(), one.offset()) != null) {
        throw failure;
      }
      blame(lane, one.offset(), one.getCause() == null ? one : one.getCause());
    } else if (failure instanceof Work.PartitionFailure some) {
      Lane lane = lanes.get(some.partition());
      Throwable cause = some.getCause() == null ? some : some.getCause();
      search(lane == null ? Set.of() : Set.of(lane), cause, failure);
    } else {
      search(staged(), failure, failure);
    }
  }

  private Collection<Lane> staged() {
    Set<Lane> staged = new LinkedHashSet<>();
    lanes.values().stream().filter(lane -> !lane.staged.isEmpty()).forEach(staged::add);
    return staged;
  }

  private void search(Collection<Lane> affected, Throwable cause, Exception failure)
      throws Exception {
    if (affected.stream().allMatch(lane -> lane.taken == 0)) {
      // Nothing but the way past it is left of any record, so none is to blame.
      throw failure;
    }
    int records = affected.stream().mapToInt(lane -> lane.staged.size()).sum();
    for (Lane lane : affected) {
      if (records == 1) {
        blame(lane, lane.staged.getFirst(), cause);
      } else {
        boolean first = learnt.trials().piece(lane.partition).isEmpty();
        log.atLevel(first ? Level.WARN : Level.DEBUG)
            .log(
                "{}: {} from {} to {} fails as a whole; looking for the record to blame: {}",
                name,
                lane.partition,
                lane.staged.getFirst(),
                lane.next,
                cause.toString());
        learnt.trials().suspect(lane.partition, lane.next, lane.staged.size());
        restart.accept(lane);
      }
    }
  }

  /**
   * The world failed. When it does so again and again with the same records while what the work
   * needs answers, it is not the world: they are tried in pieces, and the last one goes aside.
   *
   * @param probe whether what the work needs answers
   */
  void failedByTheWorld(Exception failure, BooleanSupplier probe) {
    List<Lane> staged = List.copyOf(staged());
    int records = staged.stream().mapToInt(lane -> lane.staged.size()).sum();
    if (staged.size() == 1) {
      learnt.trials().failedAlone(staged.get(0).partition);
    }
    for (Lane lane : staged) {
      long place = lane.staged.getFirst();
      int failures = learnt.failedAgain(lane.partition, place);
      boolean suspected = learnt.trials().piece(lane.partition).isPresent();
      if (records > 1 && failures >= (suspected ? STUCK_AGAIN_AFTER : STUCK_AFTER)) {
        learnt.trials().suspect(lane.partition, lane.next, lane.staged.size());
      } else if (records == 1
          && learnt.failedAloneAgain(lane.partition, place) >= STUCK_AGAIN_AFTER
          && failures >= STUCK_AFTER
          && lane.taken == 1
          && probe.getAsBoolean()) {
        blame(lane, place, failure);
      }
    }
  }
}
