package dev.tocsin.storage.keep.merge;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.service.StorageConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Merges all there is, in a process of its own with a heap of its own. */
final class MergeChild {
  private MergeChild() {}

  /**
   * Merges and says how much.
   *
   * @param args host, port, database, user, password, and the end of the last hour
   */
  public static void main(String[] args) throws Exception {
    StorageConfig config =
        StorageConfig.from(
            Settings.of(
                Map.of(
                    "postgres.host", args[0],
                    "postgres.port", args[1],
                    "postgres.database", args[2],
                    "postgres.user", args[3],
                    "postgres.password", args[4])));
    Vertx vertx = Vertx.vertx();
    Postgres postgres = new Postgres(vertx, config.postgres(), TelemetrySchema.migrations());
    wait(postgres.start());
    PgMergeStore merges =
        new PgMergeStore(
            vertx, InstantSource.system(), postgres, new Partitions(postgres), config.merging());
    for (MergeStore.Kind kind : MergeStore.Kind.values()) {
      int gone = 0;
      for (int some = -1; some != 0; gone += some) {
        some = wait(merges.mergeSome(kind, Instant.parse(args[5])));
      }
      System.out.println(kind + ": " + gone);
    }
    wait(postgres.stop());
    wait(vertx.close());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }
}
