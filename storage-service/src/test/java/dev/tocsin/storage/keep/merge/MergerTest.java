package dev.tocsin.storage.keep.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A merge that fails keeps no other, and health is a round that came to its end. */
final class MergerTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<MergeStore.Kind> merged = new ArrayList<>();
  private Instant now = Instant.parse("2026-05-01T10:00:00Z");
  private boolean broken = true;

  private final MergeStore store =
      (kind, before) -> {
        if (broken && kind == MergeStore.Kind.SPANS) {
          return Future.failedFuture(new IllegalStateException("spans of 09:00: torn"));
        } else if (broken && kind == MergeStore.Kind.LOGS) {
          throw new IllegalStateException("thrown, not failed");
        }
        merged.add(kind);
        return Future.succeededFuture(2);
      };

  @AfterEach
  void close() throws Exception {
    wait(vertx.close());
  }

  @Test
  void failingMerge_keepsNoOtherKind_andIsToldUntilItWentWell() throws Exception {
    Merger merger = merger(store);
    assertThat(wait(merger.mergeSome())).isEqualTo(2);
    assertThat(merged).containsExactly(MergeStore.Kind.SAMPLES);
    assertThat(wait(merger.check()).issues())
        .containsExactly(
            "merging: logs: thrown, not failed", "merging: spans: spans of 09:00: torn");

    broken = false;
    now = now.plus(Duration.ofMinutes(5));
    assertThat(wait(merger.mergeSome())).isEqualTo(6);
    // Other groups went well; the one that failed has not been tried again yet.
    assertThat(wait(merger.check()).issues()).hasSize(2);
    now = now.plus(Duration.ofMinutes(20));
    assertThat(wait(merger.mergeSome())).isEqualTo(6);
    assertThat(wait(merger.check())).isInstanceOf(Health.Healthy.class);
  }

  @Test
  void mergingThatHangs_isUnhealthy() throws Exception {
    Promise<Integer> never = Promise.promise();
    Merger merger = merger((kind, before) -> never.future());
    wait(merger.start());
    Future<Integer> round = merger.mergeSome();
    now = now.plus(Duration.ofMinutes(9));
    assertThat(wait(merger.check())).isInstanceOf(Health.Healthy.class);
    now = now.plus(Duration.ofMinutes(9));
    assertThat(wait(merger.check())).isInstanceOf(Health.Unhealthy.class);
    assertThat(wait(merger.check()).issues())
        .singleElement()
        .asString()
        .startsWith("merging: no round has finished for 1080 s");
    never.complete(0);
    assertThat(wait(round)).isZero();
    assertThat(wait(merger.check())).isInstanceOf(Health.Healthy.class);
    wait(merger.stop());
  }

  private Merger merger(MergeStore with) {
    return new Merger(
        new ServiceContext(vertx, ProcessMetrics.registry("test"), () -> now),
        with,
        new MergeSettings(
            true, Duration.ofMinutes(10), Duration.ofMinutes(1), 20, 10_000, 16L << 20));
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
