package dev.tocsin.app.up;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.embedded.ServerExit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded server as a component. When it ends by itself it is started again, after a pause that
 * grows from one second to half a minute; the services wait meanwhile, as they do for any server.
 */
final class Backend<S> implements Component {
  private static final Logger log = LoggerFactory.getLogger(Backend.class);
  private static final long START_MINUTES_MAX = 10;
  private static final long PAUSE_FIRST_MS = 1_000;
  private static final long PAUSE_MAX_MS = 30_000;

  private final Vertx vertx;
  private final String name;
  private final Callable<S> starter;
  private final Controls<S> controls;
  private @Nullable WorkerExecutor worker;
  private volatile @Nullable S server;
  private volatile boolean stopping;
  private volatile String problem = "";

  /** What is done to a server of one kind; all but {@code exit} block. */
  private record Controls<S>(
      java.util.function.Consumer<S> stop,
      java.util.function.Consumer<S> restart,
      java.util.function.Function<S, CompletableFuture<ServerExit>> exit) {}

  private Backend(Vertx vertx, String name, Callable<S> starter, Controls<S> controls) {
    this.vertx = vertx;
    this.name = name;
    this.starter = starter;
    this.controls = controls;
  }

  static Backend<EmbeddedKafka> kafka(Vertx vertx, Callable<EmbeddedKafka> starter) {
    return new Backend<>(
        vertx,
        "kafka",
        starter,
        new Controls<>(EmbeddedKafka::stop, EmbeddedKafka::restart, EmbeddedKafka::onExit));
  }

  static Backend<EmbeddedPostgres> postgres(Vertx vertx, Callable<EmbeddedPostgres> starter) {
    return new Backend<>(
        vertx,
        "postgres",
        starter,
        new Controls<>(
            EmbeddedPostgres::stop, EmbeddedPostgres::restart, EmbeddedPostgres::onExit));
  }

  @Override
  public String name() {
    return name;
  }

  /** The server; there is one as soon as {@link #start} has completed. */
  Supplier<S> server() {
    return () -> {
      S started = server;
      if (started == null) {
        throw new IllegalStateException(name + " has not been started");
      }
      return started;
    };
  }

  @Override
  public Future<Void> start() {
    // Servers are started and stopped by blocking calls; two threads: a stop may come meanwhile.
    WorkerExecutor pool =
        vertx.createSharedWorkerExecutor(name, 2, START_MINUTES_MAX, TimeUnit.MINUTES);
    worker = pool;
    return pool.executeBlocking(starter, false)
        .map(
            started -> {
              server = started;
              watch(pool, started, PAUSE_FIRST_MS);
              return null;
            });
  }

  private void watch(WorkerExecutor pool, S running, long pauseMs) {
    var unused = controls.exit.apply(running).thenAccept(end -> ended(pool, running, end, pauseMs));
  }

  private void ended(WorkerExecutor pool, S ended, ServerExit exit, long pauseMs) {
    if (stopping) {
      return;
    }
    problem = exit.describe().lines().findFirst().orElse(name + " ended");
    log.warn("{}; starting it again in {} ms", problem, pauseMs);
    log.info("{}", exit.describe());
    vertx.setTimer(pauseMs, timer -> restart(pool, ended, pauseMs));
  }

  private void restart(WorkerExecutor pool, S ended, long pauseMs) {
    if (stopping) {
      return;
    }
    pool.executeBlocking(
            () -> {
              controls.restart.accept(ended);
              return ended;
            },
            false)
        .onSuccess(
            again -> {
              log.warn("{} is back", name);
              problem = "";
              watch(pool, again, PAUSE_FIRST_MS);
            })
        .onFailure(
            e -> {
              long longer = Math.min(PAUSE_MAX_MS, pauseMs * 2);
              log.warn("{} does not start: {}; again in {} ms", name, FailureText.of(e), longer);
              problem = name + " does not start: " + FailureText.of(e);
              vertx.setTimer(longer, timer -> restart(pool, ended, longer));
            });
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    S running = server;
    WorkerExecutor pool = worker;
    if (running == null || pool == null) {
      return Future.succeededFuture();
    }
    return pool.executeBlocking(
        () -> {
          controls.stop.accept(running);
          return null;
        },
        false);
  }

  @Override
  public Future<Health> check() {
    return Future.succeededFuture(problem.isEmpty() ? Health.healthy() : Health.degraded(problem));
  }
}
