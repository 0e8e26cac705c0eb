package dev.tocsin.promql;

/**
 * Lets a caller stop a running query. One per query; {@link #cancel()} may come from any thread.
 */
public final class QueryContext {
  private volatile boolean cancelled;

  public static QueryContext create() {
    return new QueryContext();
  }

  private QueryContext() {}

  /** The query ends soon with a {@link PromqlException} of kind CANCELED. Idempotent. */
  public void cancel() {
    cancelled = true;
  }

  public boolean cancelled() {
    return cancelled;
  }
}
