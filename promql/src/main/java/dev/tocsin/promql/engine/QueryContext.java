package dev.tocsin.promql.engine;

import dev.tocsin.promql.text.PromqlException;
import java.util.function.BooleanSupplier;

/**
 * Lets a caller stop a running query. One per query; {@link #cancel()} may come from any thread.
 */
public final class QueryContext {
  private final BooleanSupplier over;
  private volatile boolean cancelled;

  public static QueryContext create() {
    return endingWhen(() -> false);
  }

  /**
   * Of a query that is of no use to its caller any more once that is so. It is asked for often, on
   * the query's thread.
   */
  public static QueryContext endingWhen(BooleanSupplier over) {
    return new QueryContext(over);
  }

  private QueryContext(BooleanSupplier over) {
    this.over = over;
  }

  /** The query ends soon with a {@link PromqlException} of kind CANCELED. Idempotent. */
  public void cancel() {
    cancelled = true;
  }

  public boolean cancelled() {
    return cancelled;
  }

  /** Whether the caller's time is over; ends the query as {@link #cancel()} does. */
  public boolean over() {
    return over.getAsBoolean();
  }
}
