package dev.tocsin.storage.query;

import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.QueryUsage;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is left of one query's time, bytes and memory, and whether it is still wanted. Counting is
 * thread-safe, so that helpers may decode for the query; waiting and reading is its own thread's
 * business, or that of one thread for each database.
 */
public final class Budget implements AutoCloseable {
  private final QueryLimits limits;
  private final Duration timeout;
  private final Cancellation cancellation;
  private final QueryMemory memory;
  private final long deadlineNanos;
  private final QueryUsage usage;
  private final AtomicLong bytesHeld = new AtomicLong();
  private final Map<Pool, Snapshot> snapshots = new ConcurrentHashMap<>();
  private boolean byIndex;

  /**
   * @param timeout counted from now
   */
  Budget(QueryLimits limits, Duration timeout, Cancellation cancellation, QueryMemory memory) {
    this.limits = limits;
    this.timeout = timeout;
    this.cancellation = cancellation;
    this.memory = memory;
    this.usage = cancellation.usage().orElseGet(QueryUsage::new);
    this.deadlineNanos = usage.deadline(System.nanoTime() + timeout.toNanos());
  }

  /**
   * Ends the query when it is late or no longer wanted. Cheap enough for every few hundred rows.
   */
  public void check() {
    if (cancellation.isCancelled()) {
      throw cancelled();
    }
    remainingNanos();
  }

  /** Counts stored bytes before they are decoded. */
  public void read(long bytes) {
    if (usage.read(bytes) > limits.bytesMax()) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "the query reads more than "
              + limits.bytesMax()
              + " bytes (expected: a shorter time range or a narrower filter)");
    }
    check();
  }

  /** Takes memory until {@link #release} or the query's end. */
  public void hold(long bytes) {
    // Counted before it is taken, and until it is given back: helpers of one query that take at
    // once must not be told that it is others who have it all.
    long own = usage.hold(bytes);
    try {
      memory.take(bytes, own);
    } catch (QueryLimitException e) {
      usage.hold(-bytes);
      throw e;
    }
    bytesHeld.addAndGet(bytes);
  }

  public void release(long bytes) {
    bytesHeld.addAndGet(-bytes);
    memory.giveBack(bytes);
    usage.hold(-bytes);
  }

  @Override
  public void close() {
    snapshots.values().forEach(Snapshot::close);
    long held = bytesHeld.getAndSet(0);
    memory.giveBack(held);
    usage.hold(-held);
  }

  public Duration timeout() {
    return timeout;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  private long remainingNanos() {
    long remaining = deadlineNanos - System.nanoTime();
    if (remaining <= 0) {
      throw timedOut();
    }
    return remaining;
  }

  private QueryLimitException timedOut() {
    return new QueryLimitException(
        QueryLimitException.Kind.TIMEOUT,
        "no answer within "
            + timeout.toMillis()
            + " ms (expected: a shorter time range or a narrower filter)");
  }

  private static QueryLimitException cancelled() {
    return new QueryLimitException(
        QueryLimitException.Kind.CANCELLED, "the query was given up by its caller");
  }

  /** Says, before the first statement, that all are for few rows, which an index finds. */
  public void byIndex() {
    byIndex = true;
  }

  /**
   * Runs a statement and waits for it as long as the query has time and is wanted; then the
   * database is told to stop it. All statements of a query read one snapshot, of each database one.
   */
  public RowSet<Row> select(Pool pool, String sql, Tuple parameters) throws Exception {
    return answer(ask(pool, sql, parameters));
  }

  /** Begins a statement likewise; its rows are to be waited for with {@link #answer}. */
  public Future<RowSet<Row>> ask(Pool pool, String sql, Tuple parameters) {
    check();
    return snapshots
        .computeIfAbsent(pool, first -> new Snapshot(first, byIndex))
        .select(sql, parameters);
  }

  public RowSet<Row> answer(Future<RowSet<Row>> asked) throws Exception {
    try {
      return await(asked);
    } catch (QueryLimitException e) {
      snapshots.values().forEach(Snapshot::cancel);
      throw e;
    }
  }

  /** Waits for something on the query's thread, as long as it has time and is wanted. */
  public <T> T await(Future<T> future) throws Exception {
    CompletableFuture<T> waiting = future.toCompletionStage().toCompletableFuture();
    Runnable giveUp = () -> waiting.cancel(false);
    cancellation.onCancel(giveUp);
    try {
      return waiting.get(remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (CancellationException e) {
      throw cancelled();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw timedOut();
    } finally {
      cancellation.remove(giveUp);
    }
  }
}
