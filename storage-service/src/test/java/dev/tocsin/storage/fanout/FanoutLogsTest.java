package dev.tocsin.storage.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCursor;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.LogReader.LogPage;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.TimeRange;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FanoutLogsTest {
  private static final int ROUNDS = 300;
  private static final long ROW_BYTES = log(1, "0/10").answerBytes();
  private static final TimeRange ALWAYS =
      new TimeRange(Instant.EPOCH, Instant.EPOCH.plusNanos(1_000));

  @Test
  void pages_giveEveryRecordOnceInOrder_whenManyAreOfOneTime() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      List<List<StoredLog>> databases = new ArrayList<>();
      int count = 1 + random.nextInt(3);
      for (int database = 0; database < count; database++) {
        List<StoredLog> logs = new ArrayList<>();
        int records = random.nextInt(20);
        for (int i = 0; i < records; i++) {
          logs.add(log(random.nextInt(6), database + "/" + i));
        }
        databases.add(logs);
      }
      for (Direction direction : Direction.values()) {
        int limit = 1 + random.nextInt(6);
        List<StoredLog> expected =
            databases.stream().flatMap(List::stream).sorted(order(direction)).toList();

        assertThat(walk(databases, direction, limit)).as("seed %d", seed).isEqualTo(expected);
      }
    }
  }

  private static List<StoredLog> walk(
      List<List<StoredLog>> databases, Direction direction, int limit) {
    List<StoredLog> all = new ArrayList<>();
    Optional<LogCursor> after = Optional.empty();
    do {
      LogQuery query = new LogQuery(Condition.anything(), ALWAYS, direction, limit, after);
      int skipped = after.map(LogCursor::seen).orElse(0);
      LogPage page =
          FanoutLogReader.merged(
              query, skipped, databases.stream().map(logs -> page(logs, query)).toList());
      assertThat(page.logs()).hasSizeLessThanOrEqualTo(limit);
      all.addAll(page.logs());
      after = page.next();
    } while (after.isPresent());
    return all;
  }

  /** What a database answers to {@code limit + seen} records from the cursor's time on. */
  private static LogPage page(List<StoredLog> logs, LogQuery query) {
    int skipped = query.after().map(LogCursor::seen).orElse(0);
    Comparator<StoredLog> order = order(query.direction());
    List<StoredLog> some =
        logs.stream()
            .sorted(order)
            .filter(
                log ->
                    query.after().isEmpty()
                        || order.compare(log, log(query.after().get().nanos(), "")) >= 0)
            .limit(query.limit() + skipped)
            .toList();
    return new LogPage(some, Optional.empty());
  }

  @Test
  void pages_giveEveryRecordOnceInOrder_whenDatabasesAnswerLessThanWasAsked() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      List<List<StoredLog>> databases = new ArrayList<>();
      for (int database = 0; database < 3; database++) {
        List<StoredLog> logs = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
          logs.add(log(random.nextInt(6), database + "/" + i));
        }
        databases.add(logs);
      }
      List<StoredLog> all = new ArrayList<>();
      Optional<LogCursor> after = Optional.empty();
      do {
        // Of two records at most, as large as they are.
        LogQuery query =
            new LogQuery(
                Condition.anything(),
                ALWAYS,
                Direction.OLDEST_FIRST,
                7,
                after,
                false,
                2 * ROW_BYTES);
        int skipped = after.map(LogCursor::seen).orElse(0);
        List<LogPage> pages =
            databases.stream()
                .map(logs -> shortened(page(logs, query), skipped + 1 + random.nextInt(3)))
                .toList();
        LogPage page = FanoutLogReader.merged(query, skipped, pages);
        assertThat(page.logs()).hasSizeLessThanOrEqualTo(2);
        all.addAll(page.logs());
        after = page.next();
      } while (after.isPresent());
      assertThat(all)
          .as("seed %d", seed)
          .isEqualTo(
              databases.stream()
                  .flatMap(List::stream)
                  .sorted(order(Direction.OLDEST_FIRST))
                  .toList());
    }
  }

  /** As of a database whose records are too large for all that was asked for. */
  private static LogPage shortened(LogPage page, int size) {
    if (page.logs().size() <= size) {
      return page;
    }
    return new LogPage(page.logs().subList(0, size), Optional.of(new LogCursor(0, 0)));
  }

  private static Comparator<StoredLog> order(Direction direction) {
    Comparator<StoredLog> order = Comparator.comparingLong(StoredLog::nanos);
    return direction == Direction.NEWEST_FIRST ? order.reversed() : order;
  }

  private static StoredLog log(long nanos, String text) {
    return new StoredLog(
        nanos,
        "shop",
        text,
        LogRecord.getDefaultInstance(),
        ResourceLogs.getDefaultInstance(),
        ScopeLogs.getDefaultInstance(),
        false);
  }
}
