package dev.tocsin.storage;

import java.util.ArrayList;
import java.util.List;

/**
 * Lets a caller give a query up: the statement that runs in the database is cancelled, nothing more
 * is decoded, and the query's future fails with {@link QueryLimitException} of kind {@code
 * CANCELLED}. One per query; thread-safe.
 */
public final class Cancellation {
  private final List<Runnable> listeners = new ArrayList<>();
  private volatile boolean cancelled;

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
