package dev.tocsin.storage.ports;

import java.util.Optional;

/**
 * Which log records are wanted.
 *
 * @param limit at most so many
 * @param after only records after this place of the order
 * @param whole records are wanted as they came, however large, not cut as in lists
 * @param bytesMax of the answer, in JSON; one record is answered whatever it has
 */
public record LogQuery(
    Condition<LogCondition> condition,
    TimeRange range,
    Direction direction,
    int limit,
    Optional<LogCursor> after,
    boolean whole,
    long bytesMax) {

  /** Of a page for people: large records are cut. */
  public LogQuery(
      Condition<LogCondition> condition,
      TimeRange range,
      Direction direction,
      int limit,
      Optional<LogCursor> after) {
    this(condition, range, direction, limit, after, false, AnswerBytes.PAGE_MAX);
  }

  /** The order of the answer, and so which records a limit keeps. */
  public enum Direction {
    NEWEST_FIRST,
    OLDEST_FIRST
  }
}
