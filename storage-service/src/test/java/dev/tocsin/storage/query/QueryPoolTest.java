package dev.tocsin.storage.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class QueryPoolTest {
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final QueryPool pool =
      new QueryPool(
          new QueryLimits(
              2, 1, Duration.ofSeconds(30), 1_000, 10_000, Duration.ofDays(1), 100, 100, 100, 4),
          metrics);

  @AfterEach
  void stop() throws Exception {
    wait(pool.stop());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private double held() {
    return metrics.get("tocsin.storage.query.memory.bytes").gauge().value();
  }

  private static void assertLimit(Future<?> answer, QueryLimitException.Kind kind) {
    assertThatThrownBy(() -> wait(answer))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            QueryLimitException.class, limit -> assertThat(limit.kind()).isEqualTo(kind));
  }

  @Test
  void memory_isGivenBackWhateverTheEnd() throws Exception {
    double during =
        wait(
            pool.run(
                new Cancellation(),
                budget -> {
                  budget.hold(9_000);
                  return held();
                }));
    assertThat(during).isEqualTo(9_000);
    assertLimit(
        pool.run(
            new Cancellation(),
            budget -> {
              budget.hold(6_000);
              budget.hold(6_000);
              return 0;
            }),
        QueryLimitException.Kind.TOO_MUCH);
    assertLimit(
        pool.run(
            new Cancellation(),
            budget -> {
              budget.read(600);
              budget.read(600);
              return 0;
            }),
        QueryLimitException.Kind.TOO_MUCH);
    assertThat(held()).isZero();
  }

  private static int holdAgainAndAgain(Budget budget) {
    int refused = 0;
    for (int i = 0; i < 50_000; i++) {
      try {
        budget.hold(6_000);
        budget.release(6_000);
      } catch (QueryMemoryException ofItsOwn) {
        refused++;
      }
    }
    return refused;
  }

  @Test
  void helpersOfOneQuery_areNeverToldThatOthersHoldAllMemory() throws Exception {
    int refused =
        wait(
            pool.run(
                new Cancellation(),
                budget -> {
                  CompletableFuture<Integer> helper =
                      CompletableFuture.supplyAsync(() -> holdAgainAndAgain(budget));
                  return holdAgainAndAgain(budget) + helper.get(30, TimeUnit.SECONDS);
                }));
    assertThat(refused).isBetween(0, 100_000);
    assertThat(held()).isZero();
  }

  @Test
  void queriesThatWait_endOnCancellation_andTooManyAreTurnedAway() throws Exception {
    Cancellation cancellation = new Cancellation();
    CountDownLatch running = new CountDownLatch(2);
    Promise<Void> never = Promise.promise();
    QueryPool.Query<Void> waiting =
        budget -> {
          budget.hold(4_000);
          running.countDown();
          return budget.await(never.future());
        };
    Future<Void> first = pool.run(cancellation, waiting);
    Future<Void> second = pool.run(cancellation, waiting);
    assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
    Future<Integer> queued =
        pool.run(
            new Cancellation(),
            budget -> {
              budget.hold(5_000);
              return 1;
            });
    assertLimit(pool.run(new Cancellation(), budget -> 1), QueryLimitException.Kind.BUSY);
    cancellation.cancel();
    assertLimit(first, QueryLimitException.Kind.CANCELLED);
    assertLimit(second, QueryLimitException.Kind.CANCELLED);
    int answer = wait(queued);
    assertThat(answer).isEqualTo(1);
  }

  @Test
  void deepRecursion_isRefused_andThePoolLivesOn() throws Exception {
    assertLimit(
        pool.run(
            new Cancellation(),
            budget -> {
              throw new StackOverflowError();
            }),
        QueryLimitException.Kind.TOO_MUCH);
    int answer = wait(pool.run(new Cancellation(), budget -> 1));
    assertThat(answer).isEqualTo(1);
  }

  @Test
  void steps_keepTheirOrder_andTheFirstFailureIsThrown() throws Exception {
    List<Integer> numbers = IntStream.range(0, 50).boxed().toList();
    assertThat(pool.forEach(numbers, number -> number * 2))
        .isEqualTo(IntStream.range(0, 50).map(n -> n * 2).boxed().toList());
    assertThatThrownBy(
            () ->
                pool.forEach(
                    numbers,
                    number -> {
                      if (number >= 20) {
                        throw new IllegalStateException("step " + number);
                      }
                      return number;
                    }))
        .hasMessage("step 20");
  }
}
