package dev.tocsin.otlp.wire;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may be stored at the moment of a request: items outside of it would vanish where they are
 * consumed, so they are rejected where they arrive and their sender is told. Immutable.
 */
public final class ItemLimits {
  /** Everything may: for whoever reads what was accepted before. */
  public static final ItemLimits NONE =
      new ItemLimits(Instant.EPOCH, Duration.ZERO, Duration.ZERO, 0, -1, null);

  private static final long NANOS_PER_MS = 1_000_000;

  /** A time of an item is an unsigned number, and there is none beyond. */
  private static final long MILLIS_MAX = Long.MAX_VALUE / NANOS_PER_MS - 1;

  private final Instant now;
  private final Duration past;
  private final Duration ahead;
  private final long earliestNanos;
  private final long lengthNanos;
  private final @Nullable LabelLimit labels;

  private ItemLimits(
      Instant now,
      Duration past,
      Duration ahead,
      long earliestNanos,
      long lengthNanos,
      @Nullable LabelLimit labels) {
    this.labels = labels;
    this.now = now;
    this.past = past;
    this.ahead = ahead;
    this.earliestNanos = earliestNanos;
    this.lengthNanos = lengthNanos;
  }

  /**
   * Times from a duration before now to a duration after it, to the millisecond as consumers look.
   */
  public static ItemLimits around(Instant now, Duration past, Duration ahead) {
    long earliestMs = Math.max(1, now.minus(past).toEpochMilli());
    long latestMs = Math.min(MILLIS_MAX, now.plus(ahead).toEpochMilli());
    long earliest = earliestMs * NANOS_PER_MS;
    long latest = latestMs * NANOS_PER_MS + NANOS_PER_MS - 1;
    return new ItemLimits(now, past, ahead, earliest, latest - earliest, null);
  }

  /** These, with a limit of labels. */
  public ItemLimits with(LabelLimit limit) {
    return new ItemLimits(now, past, ahead, earliestNanos, lengthNanos, limit);
  }

  /** Null where labels may have any length. */
  @Nullable LabelLimit labels() {
    return labels;
  }

  /** Whether a time, in nanoseconds since 1970 and unsigned, cannot be stored. */
  boolean excludes(long nanos) {
    return Long.compareUnsigned(nanos - earliestNanos, lengthNanos) > 0;
  }

  Instant now() {
    return now;
  }

  /** For people: {@code from 7 days ago to 60 minutes ahead}. */
  public String window() {
    return "from " + words(past) + " ago to " + words(ahead) + " ahead";
  }

  /** A length of time in the largest unit of which there are at least two. */
  static String words(Duration time) {
    if (time.toDays() >= 2) {
      return time.toDays() + " days";
    }
    if (time.toHours() >= 2) {
      return time.toHours() + " hours";
    }
    return time.toMinutes() >= 2 ? time.toMinutes() + " minutes" : time.toSeconds() + " seconds";
  }
}
