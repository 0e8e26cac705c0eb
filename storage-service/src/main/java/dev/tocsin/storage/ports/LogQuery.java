package dev.tocsin.storage.ports;

import java.util.Optional;

/**
 * Which log records are wanted.
 *
 * @param limit at most so many
 * @param after only records after this place of the order
 */
public record LogQuery(
    LogCondition condition,
    TimeRange range,
    Direction direction,
    int limit,
    Optional<LogCursor> after) {

  /** The order of the answer, and so which records a limit keeps. */
  public enum Direction {
    NEWEST_FIRST,
    OLDEST_FIRST
  }
}
