package dev.tocsin.segment.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Counts of the latest minutes, which go on over flushes: each flush stores the whole of those that
 * changed in place of what the flush before stored of them, which is far cheaper than adding to
 * rows. Spans of an older minute begin counts of their own. Not thread-safe.
 *
 * @param <C> what is counted of a minute
 */
final class OpenMinutes<C> {
  static final int MINUTES_OPEN = 5;
  private static final long NANOS_PER_MINUTE = 60_000_000_000L;
  private static final long NO_ID = -1;

  /** Makes what is stored of a minute. */
  interface ToBlock<C, B> {
    /**
     * @param id Kafka offset at which the minute began to be counted: its key, which never changes
     */
    B block(long minute, long id, C counts);
  }

  private static final class Open<C> {
    final C counts;
    long id = NO_ID;
    boolean changed;

    Open(C counts) {
      this.counts = counts;
    }
  }

  private final TreeMap<Long, Open<C>> minutes = new TreeMap<>();
  private final Supplier<C> fresh;
  private final Predicate<C> full;

  /**
   * @param full whether a minute's counts are not gone on with, as each flush would store them all
   */
  OpenMinutes(Supplier<C> fresh, Predicate<C> full) {
    this.fresh = fresh;
    this.full = full;
  }

  static long of(long nanos) {
    return Math.floorDiv(nanos, NANOS_PER_MINUTE);
  }

  /** The counts of a minute, to be changed before {@link #drain} is called. */
  C change(long minute) {
    Open<C> open = minutes.computeIfAbsent(minute, m -> new Open<>(fresh.get()));
    open.changed = true;
    return open.counts;
  }

  /**
   * The minutes that changed since the last call.
   *
   * @param offset of the first record since then
   */
  <B> List<B> drain(long offset, ToBlock<C, B> toBlock) {
    List<B> blocks = new ArrayList<>();
    minutes.forEach(
        (minute, open) -> {
          if (open.changed) {
            open.id = open.id == NO_ID ? offset : open.id;
            open.changed = false;
            blocks.add(toBlock.block(minute, open.id, Objects.requireNonNull(open.counts)));
          }
        });
    if (!minutes.isEmpty()) {
      minutes.headMap(minutes.lastKey() - MINUTES_OPEN, true).clear();
      minutes.values().removeIf(open -> full.test(open.counts));
    }
    return blocks;
  }
}
