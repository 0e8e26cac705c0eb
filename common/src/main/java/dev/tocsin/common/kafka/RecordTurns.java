package dev.tocsin.common.kafka;

import dev.tocsin.common.runtime.Health;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives a {@link RecordKernel} turn by turn, without a thread or a clock of its own: when the
 * world fails, the source is closed, and after a pause (100 ms doubling to 5 s) another one goes on
 * where it was, so recovery and first start are one path. One thread at a time calls {@link #turn}
 * and {@link #close}; the rest is for any.
 */
public final class RecordTurns {
  private static final Logger log = LoggerFactory.getLogger(RecordTurns.class);
  private static final long BACKOFF_FIRST_MS = 100;
  private static final long BACKOFF_MAX_MS = 5_000;
  private static final Duration RAN_WELL_AFTER = Duration.ofSeconds(30);

  private final String name;
  private final RecordKernel kernel;
  private final Supplier<? extends RecordSource> sources;
  private final LongSupplier nanoTime;
  private volatile @Nullable RecordSource current;
  private long openedNanos;
  private long backoffMs = BACKOFF_FIRST_MS;
  private String problem = "";

  /**
   * @param name for logs and health
   * @param nanoTime monotonic time
   */
  public RecordTurns(
      String name,
      RecordKernel kernel,
      Supplier<? extends RecordSource> sources,
      LongSupplier nanoTime) {
    this.name = name;
    this.kernel = kernel;
    this.sources = sources;
    this.nanoTime = nanoTime;
  }

  /**
   * Opens a source when there is none, or makes one step with it.
   *
   * @return how long to wait before the next turn: not at all, unless this one failed
   */
  public Duration turn() {
    try {
      if (current == null) {
        open();
      } else {
        kernel.step();
        well();
      }
      return Duration.ZERO;
    } catch (WakeupException e) {
      log.debug("{} woken to stop", name);
      closeAfter(e);
      return Duration.ZERO;
    } catch (Exception e) {
      closeAfter(e);
      return failed(e);
    }
  }

  private void open() throws Exception {
    openedNanos = nanoTime.getAsLong();
    RecordSource source = sources.get();
    current = source;
    kernel.open(source);
  }

  private Duration failed(Exception e) {
    boolean ranWell = nanoTime.getAsLong() - openedNanos >= RAN_WELL_AFTER.toNanos();
    long pauseMs = ranWell ? BACKOFF_FIRST_MS : backoffMs;
    backoffMs = Math.min(BACKOFF_MAX_MS, pauseMs * 2);
    String text = Failures.rootMessage(e);
    if (!text.equals(problem)) {
      log.warn("{}: {}; beginning again in {} ms", name, text, pauseMs, e);
    }
    problem = text;
    kernel.progress().cause(text, nanoTime.getAsLong());
    return Duration.ofMillis(pauseMs);
  }

  /** A turn that went well proves nothing while the records that failed still wait. */
  private void well() {
    if (!problem.isEmpty() && kernel.caughtUp()) {
      problem = "";
      kernel.progress().cause("", nanoTime.getAsLong());
      log.info("{} is well again", name);
    }
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (Exception alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
  }

  /** Closes the work and the source, if there are any. */
  public void close() throws Exception {
    current = null;
    kernel.close();
  }

  /** Makes a turn that waits for records end soon. */
  public void wakeup() {
    RecordSource source = current;
    if (source != null) {
      source.wakeup();
    }
  }

  /** Records in Kafka that are not done with yet, as of the last look. */
  public long lag() {
    return kernel.progress().lag();
  }

  /** Unhealthy while records wait and none becomes durable for 30 s. */
  public Health check() {
    return kernel.progress().check(name, nanoTime.getAsLong());
  }
}
