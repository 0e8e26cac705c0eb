package dev.tocsin.storage.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogReader.LogPage;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.log.LogTails;
import dev.tocsin.storage.read.log.PgLogReader;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Lines of a megabyte make nobody's search fail: segments are looked at as memory has room. */
final class SearchMemoryIT {
  private static final Instant AT = Instant.parse("2026-05-02T10:00:00Z");
  private static final int SEGMENTS = 24;
  private static final int LINE_CHARS = 1 << 20;

  /** Room for two segments, not for all. */
  private static final long MEMORY_MAX = 8L << 20;

  private static final Vertx VERTX = Vertx.vertx();
  private static final PostgresServer SERVER = Backends.freshDatabase("memory");
  private static final Postgres POSTGRES =
      new Postgres(VERTX, SERVER.settings(), TelemetrySchema.migrations());
  private static final QueryPool QUERIES =
      new QueryPool(
          new QueryLimits(
              4, 8, Duration.ofSeconds(60), 1 << 28, MEMORY_MAX, Duration.ofDays(9), 999, 9, 9, 1),
          new SimpleMeterRegistry());

  private final PgLogReader logs =
      new PgLogReader(
          POSTGRES,
          QUERIES,
          new LogTails(
              ServiceContext.create(VERTX, "memory", InstantSource.system()),
              POSTGRES,
              QUERIES,
              1));

  @BeforeAll
  static void store() throws Exception {
    wait(POSTGRES.start());
    PgSegmentStore store = new PgSegmentStore(POSTGRES, new Partitions(POSTGRES));
    wait(store.point("logs", 0));
    Random random = new Random(5);
    for (int i = 0; i < SEGMENTS; i++) {
      Batch.Content content =
          new Batch.Logs(
              List.of(
                  LogSegments.encode(
                      List.of(line(2 * i, noise(random)), line(2 * i + 1, "needle " + i)))));
      assertThat(wait(store.commit(new Batch("logs", 0, i, i + 1, content)))).isTrue();
    }
  }

  /** Of few kinds of words, none of which is looked for, so that no index helps. */
  private static String noise(Random random) {
    StringBuilder text = new StringBuilder(LINE_CHARS);
    while (text.length() < LINE_CHARS) {
      text.append("note ").append((char) (' ' + random.nextInt(90)));
    }
    return text.toString();
  }

  private static LogItem line(int second, String text) {
    long nanos = TimeUnit.SECONDS.toNanos(AT.getEpochSecond() + second);
    return new LogItem(
        new Origin(ByteString.EMPTY, ByteString.EMPTY, "noisy"),
        LogRecord.newBuilder()
            .setTimeUnixNano(nanos)
            .setBody(AnyValue.newBuilder().setStringValue(text))
            .build(),
        nanos);
  }

  @AfterAll
  static void close() throws Exception {
    wait(QUERIES.stop());
    wait(POSTGRES.stop());
    wait(VERTX.close());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void search_findsWhatItLooksFor_amongLinesThatHaveNoRoomTogether() throws Exception {
    for (int wanted : new int[] {0, SEGMENTS / 2, SEGMENTS - 1}) {
      LogPage page =
          wait(
              logs.search(
                  new LogQuery(
                      new LogCondition.Contains("edle " + wanted),
                      new TimeRange(AT, AT.plus(Duration.ofMinutes(5))),
                      LogQuery.Direction.NEWEST_FIRST,
                      10,
                      Optional.empty()),
                  new Cancellation()));
      assertThat(page.logs())
          .anySatisfy(log -> assertThat(log.text()).isEqualTo("needle " + wanted));
    }
  }
}
