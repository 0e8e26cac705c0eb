package dev.tocsin.storage.postgres;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.QueryLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which queries wait for the database and decode segments: decoding is computation
 * that must not hold up an event loop. Bounded in threads and in queue.
 */
public final class QueryPool implements Component {
  private final ThreadPoolExecutor executor;
  private final QueryLimits limits;

  public QueryPool(QueryLimits limits) {
    this.limits = limits;
    AtomicInteger number = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            limits.threads(),
            limits.threads(),
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(limits.queueMax()),
            task -> {
              Thread thread = new Thread(task, "storage-query-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public String name() {
    return "queries";
  }

  @Override
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    executor.shutdownNow();
    return Future.succeededFuture();
  }

  /** Runs a query; the future completes on the caller's context. */
  public <T> Future<T> run(Callable<T> query) {
    @Nullable Context context = Vertx.currentContext();
    Promise<T> promise = Promise.promise();
    try {
      executor.execute(() -> settle(context, promise, query));
    } catch (RejectedExecutionException full) {
      promise.fail(
          new QueryLimitException(
              QueryLimitException.Kind.BUSY,
              limits.queueMax() + " queries are waiting (expected: a later retry)"));
    }
    return promise.future();
  }

  private static <T> void settle(@Nullable Context context, Promise<T> promise, Callable<T> query) {
    Future<T> result;
    try {
      result = Future.succeededFuture(query.call());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result = Future.failedFuture(e);
    } catch (Exception e) {
      result = Future.failedFuture(e);
    }
    Future<T> outcome = result;
    if (context == null) {
      outcome.onComplete(promise);
    } else {
      context.runOnContext(ignored -> outcome.onComplete(promise));
    }
  }
}
