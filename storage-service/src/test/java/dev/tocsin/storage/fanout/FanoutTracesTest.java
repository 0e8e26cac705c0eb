package dev.tocsin.storage.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.fanout.FakeTraces.FakeSpan;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.DatabaseException;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.ports.TraceSummary;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FanoutTracesTest {
  private static final int ROUNDS = 300;
  private static final ByteString TRACE = ByteString.copyFrom(new byte[] {7});
  private static final TimeRange ALWAYS =
      new TimeRange(Instant.EPOCH, Instant.EPOCH.plusNanos(1_000));

  /** However spans lie in the databases, pages are those of one database with all of them. */
  @Test
  void pages_areThoseOfOneDatabase_howeverSpansAreScattered() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      List<FakeSpan> spans = spans(random);
      int databases = 1 + random.nextInt(4);
      List<List<FakeSpan>> scattered = new ArrayList<>();
      for (int i = 0; i < databases; i++) {
        scattered.add(new ArrayList<>());
      }
      boolean whole = random.nextBoolean();
      for (FakeSpan span : spans) {
        int place = whole ? Math.floorMod(span.traceId().hashCode(), databases) : -1;
        scattered.get(place < 0 ? random.nextInt(databases) : place).add(span);
      }
      Map<String, TraceReader> readers = new LinkedHashMap<>();
      scattered.forEach(some -> readers.put("db" + readers.size(), new FakeTraces(some)));
      int limit = 1 + random.nextInt(5);

      List<TraceSummary> found = walk(Fanout.traces(readers), limit);

      assertThat(found)
          .as("seed %d", seed)
          .isEqualTo(walk(Fanout.traces(Map.of("all", new FakeTraces(spans))), limit))
          .isEqualTo(new FakeTraces(spans).summaries());
    }
  }

  @Test
  void pages_arePartial_whenADatabaseDidNotLookAtEverything() {
    TraceQuery query = new TraceQuery(Condition.anything(), ALWAYS, 5, Optional.empty());
    for (boolean cut : List.of(true, false)) {
      Map<String, TraceReader> readers = new LinkedHashMap<>();
      readers.put("db0", new FakeTraces(List.of(span(1))));
      readers.put(
          "db1", cut ? FakeTraces.partial(List.of(span(2))) : new FakeTraces(List.of(span(2))));
      TracePage page = Fanout.traces(readers).search(query, new Cancellation()).result();
      assertThat(page.partial()).isEqualTo(cut);
      assertThat(page.traces()).hasSize(1);
    }
  }

  private static FakeSpan span(long nanos) {
    return new FakeSpan(TRACE, nanos, true, false, "s", "op" + nanos);
  }

  private static Future<Long> stream(List<String> passed, FakeTraces... databases) {
    Map<String, TraceReader> readers = new LinkedHashMap<>();
    for (FakeTraces each : databases) {
      readers.put("db" + readers.size(), each);
    }
    return Fanout.traces(readers).stream(
        TRACE,
        Optional.empty(),
        1_000,
        chunk -> {
          passed.add(chunk.getResourceSpans(0).getScopeSpans(0).getSpans(0).getName());
          return Future.succeededFuture();
        },
        new Cancellation());
  }

  @Test
  void stream_passesEverySpanOnce_ofAllDatabases() {
    List<String> passed = new ArrayList<>();
    Future<Long> count =
        stream(
            passed,
            new FakeTraces(List.of(span(1), span(2), span(3))),
            new FakeTraces(List.of(span(3), span(4))));
    assertThat(count.result()).isEqualTo(4);
    assertThat(passed).containsExactlyInAnyOrder("op1", "op2", "op3", "op4");
  }

  @Test
  void stream_failsBeforeItBegins_whenADatabaseIsAwayAndTheTraceIsSmall() {
    List<String> passed = new ArrayList<>();
    Future<Long> count =
        stream(
            passed,
            new FakeTraces(List.of(span(1))),
            FakeTraces.failing(new IOException("refused")));
    assertThat(count.cause()).isInstanceOf(DatabaseException.class).hasMessageContaining("db1");
    assertThat(passed).isEmpty();
  }

  private static List<FakeSpan> spans(Random random) {
    List<FakeSpan> spans = new ArrayList<>();
    int traces = 1 + random.nextInt(12);
    int count = random.nextInt(60);
    for (int i = 0; i < count; i++) {
      spans.add(
          new FakeSpan(
              ByteString.copyFrom(new byte[] {(byte) random.nextInt(traces)}),
              1 + random.nextInt(40),
              random.nextInt(3) > 0,
              random.nextInt(5) == 0,
              "s" + random.nextInt(3),
              "op" + i));
    }
    return spans;
  }

  private static List<TraceSummary> walk(TraceReader reader, int limit) {
    List<TraceSummary> all = new ArrayList<>();
    Optional<TraceCursor> after = Optional.empty();
    do {
      TraceQuery query = new TraceQuery(Condition.anything(), ALWAYS, limit, after);
      TracePage page = reader.search(query, new Cancellation()).result();
      assertThat(page.traces()).hasSizeLessThanOrEqualTo(limit);
      all.addAll(page.traces());
      after = page.next();
    } while (after.isPresent());
    return all;
  }
}
