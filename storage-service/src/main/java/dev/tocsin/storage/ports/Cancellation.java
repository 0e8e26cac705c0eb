package dev.tocsin.storage.ports;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets a caller give a query up: the statement that runs in the database is cancelled, nothing more
 * is decoded, and the query's future fails with {@link QueryLimitException} of kind {@code
 * CANCELLED}. One per query; thread-safe.
 */
public final class Cancellation {
  private final List<Runnable> listeners = new ArrayList<>();
  private final Optional<QueryUsage> usage;
  private final Runnable asListener = this::cancel;
  private volatile boolean cancelled;

  public Cancellation() {
    this(Optional.empty());
  }

  private Cancellation(Optional<QueryUsage> usage) {
    this.usage = usage;
  }

  /**
   * For the queries that one query is made of: they are given up together with it, or without it,
   * and what they use counts as used by one.
   */
  public Cancellation forParts() {
    Cancellation parts = new Cancellation(Optional.of(new QueryUsage()));
    onCancel(parts.asListener);
    return parts;
  }

  /** Forgets the parts, which have ended. */
  public void remove(Cancellation parts) {
    remove(parts.asListener);
  }

  /** What is counted together; empty for a query that is whole. */
  public Optional<QueryUsage> usage() {
    return usage;
  }

  /** Gives the query up. Idempotent. */
  public void cancel() {
    List<Runnable> told;
    synchronized (this) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      told = List.copyOf(listeners);
      listeners.clear();
    }
    told.forEach(Runnable::run);
  }

  public boolean isCancelled() {
    return cancelled;
  }

  /** Runs the listener on cancellation, on the canceller's thread; at once when it came before. */
  public void onCancel(Runnable listener) {
    synchronized (this) {
      if (!cancelled) {
        listeners.add(listener);
        return;
      }
    }
    listener.run();
  }

  /** Forgets a listener that is no longer of use. */
  public synchronized void remove(Runnable listener) {
    listeners.remove(listener);
  }
}
