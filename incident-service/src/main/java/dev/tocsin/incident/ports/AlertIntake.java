package dev.tocsin.incident.ports;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.incident.ports.IncidentStore.Change;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/**
 * Takes the records of the alerts topic in. Each method is one transaction; those that take records
 * also move the partition's stored offset, so that a record counts once, whoever reads it how
 * often.
 */
public interface AlertIntake {

  /**
   * A place in a partition of the alerts topic.
   *
   * @param expected the stored next offset this consumer knows
   * @param next to be stored
   */
  record Position(int partition, long expected, long next) {}

  /** Another consumer has moved the partition's offset: this one must begin again. */
  final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FencedException(Position position) {
      super("another consumer moved the offset of alerts; expected: " + position);
    }
  }

  /**
   * What is kept of a partition.
   *
   * @param point {@link Resume.Point#NONE} before anything was read of it
   * @param movedAt before this nothing was written that was not read; the epoch when not known
   */
  record Kept(Resume.Point point, Instant movedAt) {}

  /** Where reading a partition goes on. */
  Future<Kept> kept(int partition);

  /**
   * Keeps where the partition is read from now on. Missing records are noted and raise an alarm,
   * and of what was stated in the partition nothing ends by itself until it is stated again: a
   * repetition may be among them. The same when a version of this service took records that did not
   * know of ends. Fails with {@link FencedException} when something else than {@code kept} is kept.
   */
  Future<List<Change>> resume(int partition, Resume.Point kept, Resume resume);

  /**
   * An alert event. One whose id was seen before only says that it still holds.
   *
   * @return a failure with {@link FencedException} when the stored offset is not the expected one
   */
  Future<Change> alert(Position position, AlertEvent event);

  /**
   * Signs of life of rule groups' owners, in the order in which they were read: ends incidents
   * whose alerts were not repeated in time.
   *
   * @param partitions of the topic now
   */
  Future<List<Change>> heartbeats(Position position, List<AlertHeartbeat> beats, int partitions);

  /** Moves the offset past records that were put aside. */
  Future<Void> skip(Position position);

  /** The partition has been read to its end: whoever was not heard of by now has said nothing. */
  Future<Void> readToEnd(int partition, long next);
}
