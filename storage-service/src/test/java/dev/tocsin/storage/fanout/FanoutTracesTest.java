package dev.tocsin.storage.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.Cancellation;
import dev.tocsin.storage.SpanCondition;
import dev.tocsin.storage.TimeRange;
import dev.tocsin.storage.TraceCursor;
import dev.tocsin.storage.TracePage;
import dev.tocsin.storage.TraceQuery;
import dev.tocsin.storage.TraceReader;
import dev.tocsin.storage.TraceSummary;
import dev.tocsin.storage.fanout.FakeTraces.FakeSpan;
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
      TraceQuery query = new TraceQuery(SpanCondition.any(), ALWAYS, limit, after);
      TracePage page = reader.search(query, new Cancellation()).result();
      assertThat(page.traces()).hasSizeLessThanOrEqualTo(limit);
      all.addAll(page.traces());
      after = page.next();
    } while (after.isPresent());
    return all;
  }
}
