package dev.tocsin.storage.write.consume;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * The times that can be stored: from the oldest day kept to a little ahead of the clock. Anything
 * else has no partition, or would lose its place at once; it goes to the dead letters (S-17).
 */
public final class Window {
  /** Items are split into segments by this length of time, which bounds what a query must open. */
  public static final Duration SEGMENT_SPAN_MAX = Duration.ofHours(1);

  private final InstantSource clock;
  private final Duration past;
  private final Duration future;

  public Window(InstantSource clock, Duration past, Duration future) {
    this.clock = clock;
    this.past = past;
    this.future = future;
  }

  boolean containsNanos(long nanos) {
    return nanos > 0 && containsMs(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  boolean containsMs(long millis) {
    long now = clock.millis();
    return millis >= now - past.toMillis() && millis <= now + future.toMillis();
  }

  /** Number of the hour a time is in. */
  static long bucketOfNanos(long nanos) {
    return bucketOfMs(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  static long bucketOfMs(long millis) {
    return millis / SEGMENT_SPAN_MAX.toMillis();
  }

  @Override
  public String toString() {
    return "from " + past.toDays() + " days ago to " + future.toMinutes() + " minutes ahead";
  }
}
