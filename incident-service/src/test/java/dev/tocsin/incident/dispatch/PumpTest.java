package dev.tocsin.incident.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PumpTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final AtomicInteger turns = new AtomicInteger();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private Pump started(Supplier<Future<Duration>> turn) {
    Supplier<Future<Duration>> counted =
        () -> {
          turns.incrementAndGet();
          return turn.get();
        };
    Pump pump = new Pump("pages", vertx, HOUR, counted, nanos::get);
    pump.start();
    await().until(() -> turns.get() > 0);
    return pump;
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static Health health(Pump pump) {
    return pump.check().result();
  }

  @Test
  void pump_isUnhealthy_whileATurnDoesNotEnd() {
    Promise<Duration> turn = Promise.promise();
    Pump pump = started(turn::future);
    pass(Duration.ofSeconds(29));
    assertThat(health(pump)).isInstanceOf(Health.Healthy.class);
    pass(Duration.ofSeconds(2));
    assertThat(health(pump).issues())
        .containsExactly("pages: one turn does not end (nothing done for 31 s)");
    assertThat(health(pump)).isInstanceOf(Health.Unhealthy.class);
    turn.complete(HOUR);
    await().until(() -> health(pump) instanceof Health.Healthy);
    // It sleeps: that is no standstill.
    pass(Duration.ofMinutes(59));
    assertThat(health(pump)).isInstanceOf(Health.Healthy.class);
    // It should have woken.
    pass(Duration.ofMinutes(2));
    assertThat(health(pump)).isInstanceOf(Health.Unhealthy.class);
  }

  @Test
  void pump_isUnhealthy_whenATurnThatWasWokenDoesNotEnd() {
    Promise<Duration> second = Promise.promise();
    Pump pump = started(() -> turns.get() == 1 ? Future.succeededFuture(HOUR) : second.future());
    pump.wake();
    await().until(() -> turns.get() == 2);
    pass(Duration.ofSeconds(31));
    assertThat(health(pump)).isInstanceOf(Health.Unhealthy.class);
    second.complete(HOUR);
    await().until(() -> health(pump) instanceof Health.Healthy);
  }

  @Test
  void pump_isUnhealthy_andNamesTheCause_whileAllTurnsFail() {
    Pump pump = started(() -> Future.failedFuture("database is away"));
    await().until(() -> turns.get() > 1);
    assertThat(health(pump)).isInstanceOf(Health.Healthy.class);
    pass(Duration.ofSeconds(31));
    assertThat(health(pump).issues())
        .containsExactly("pages: database is away (nothing done for 31 s)");
  }

  @Test
  void pump_isWell_onceItWasStopped() {
    Pump pump = started(() -> Future.succeededFuture(HOUR));
    pump.stop().toCompletionStage().toCompletableFuture().join();
    pass(Duration.ofHours(3));
    assertThat(health(pump)).isInstanceOf(Health.Healthy.class);
  }
}
