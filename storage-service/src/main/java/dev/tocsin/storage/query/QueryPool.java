package dev.tocsin.storage.query;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which queries wait for the database and decode segments: decoding is computation
 * that must not hold up an event loop. Bounded in threads, in queue and in memory. A second, small
 * set of threads helps a query to decode several segments at once when they are free.
 */
public final class QueryPool implements Component {
  private final ThreadPoolExecutor queries;
  private final ThreadPoolExecutor helpers;
  private final QueryLimits limits;
  private final QueryMemory memory;
  private final MeterRegistry metrics;

  /** A query, on a thread that may block. */
  public interface Query<T> {
    T run(Budget budget) throws Exception;
  }

  /** A piece of a query's work. */
  public interface Step<A, B> {
    B apply(A item) throws Exception;
  }

  public QueryPool(QueryLimits limits, MeterRegistry metrics) {
    this.limits = limits;
    this.metrics = metrics;
    this.memory = new QueryMemory(limits.memoryMax());
    queries =
        executor("storage-query-", limits.threads(), new ArrayBlockingQueue<>(limits.queueMax()));
    int cores = Runtime.getRuntime().availableProcessors();
    helpers =
        executor("storage-decode-", Math.min(cores, limits.threads()), new SynchronousQueue<>());
    metrics.gauge("tocsin.storage.query.memory.bytes", memory, QueryMemory::held);
    metrics.gauge("tocsin.storage.queries.running", queries, ThreadPoolExecutor::getActiveCount);
  }

  private static ThreadPoolExecutor executor(
      String name, int threads, BlockingQueue<Runnable> queue) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            queue,
            task -> {
              Thread thread = new Thread(task, name + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
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
    queries.shutdownNow();
    helpers.shutdownNow();
    return Future.succeededFuture();
  }

  /** Runs a query; the future completes on the caller's context. Time counts from now. */
  public <T> Future<T> run(Cancellation cancellation, Query<T> query) {
    return run(limits.timeout(), cancellation, query);
  }

  /**
   * @param timeout at most the configured one
   */
  public <T> Future<T> run(Duration timeout, Cancellation cancellation, Query<T> query) {
    @Nullable Context context = Vertx.currentContext();
    Promise<T> promise = Promise.promise();
    Duration time = timeout.compareTo(limits.timeout()) < 0 ? timeout : limits.timeout();
    Budget budget = new Budget(limits, time, cancellation, memory);
    try {
      queries.execute(() -> settle(context, promise, budget, query));
    } catch (RejectedExecutionException full) {
      count("busy");
      promise.fail(
          new QueryLimitException(
              QueryLimitException.Kind.BUSY,
              limits.queueMax() + " queries are waiting (expected: a later retry)"));
    }
    return promise.future();
  }

  private <T> void settle(
      @Nullable Context context, Promise<T> promise, Budget budget, Query<T> query) {
    Future<T> result;
    try (budget) {
      budget.check();
      result = Future.succeededFuture(query.run(budget));
      count("ok");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result = Future.failedFuture(e);
    } catch (Exception e) {
      count(
          e instanceof QueryLimitException limit
              ? limit.kind().name().toLowerCase(Locale.ROOT)
              : "failed");
      result = Future.failedFuture(e);
    } catch (StackOverflowError e) {
      count("too_much");
      result =
          Future.failedFuture(
              new QueryLimitException(
                  QueryLimitException.Kind.TOO_MUCH,
                  "the query is nested too deeply (expected: a flatter one)"));
    } catch (Error e) {
      // The caller must hear of it, whatever becomes of this thread.
      count("failed");
      promise.tryFail(e);
      throw e;
    }
    Future<T> outcome = result;
    if (context == null) {
      outcome.onComplete(promise);
    } else {
      context.runOnContext(ignored -> outcome.onComplete(promise));
    }
  }

  private void count(String outcome) {
    metrics.counter("tocsin.storage.queries", "outcome", outcome).increment();
  }

  /**
   * Applies a step to every item, on free helper threads and the caller's; results in the items'
   * order. No step may wait for another. The first failure is thrown after all steps ended.
   */
  public <A, B> List<B> forEach(List<A> items, Step<A, B> step) throws Exception {
    List<FutureTask<B>> tasks = new ArrayList<>(items.size());
    for (A item : items) {
      tasks.add(new FutureTask<>(() -> step.apply(item)));
    }
    Runnable all = () -> tasks.forEach(FutureTask::run);
    for (int i = 1; i < Math.min(tasks.size(), helpers.getMaximumPoolSize() + 1); i++) {
      try {
        helpers.execute(all);
      } catch (RejectedExecutionException none) {
        break;
      }
    }
    // A task runs once, on whichever thread comes first.
    all.run();
    List<B> results = new ArrayList<>(items.size());
    @Nullable Exception failure = null;
    for (FutureTask<B> task : tasks) {
      try {
        results.add(task.get());
      } catch (ExecutionException e) {
        Exception cause = e.getCause() instanceof Exception known ? known : e;
        failure = failure == null ? cause : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }
}
