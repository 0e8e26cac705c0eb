package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.summary.RedBlock;
import dev.tocsin.segment.summary.TraceBlock;
import dev.tocsin.storage.ports.Batch;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Senders repeat what they got no answer for, and a partition is begun anew whenever a flush fails:
 * each span is stored at least once, and counted as often as it is stored, which is once as long as
 * nothing fails.
 */
final class RepeatedSpansTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  /** A partition of a log, and what has become of it. */
  private static final class Course {
    private final Random random;
    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    private final Map<UUID, Integer> stored = new HashMap<>();
    private final Map<Long, Integer> counted = new HashMap<>();
    private final double failing;
    private int lives = 1;
    private long storedOffset;
    private long flushedOffset;
    private long nextOffset;
    private Buffer buffer = buffer();
    private @Nullable Supplier<Batch.Content> flight;

    Course(long seed, double failing) {
      this.random = new Random(seed);
      this.failing = failing;
    }

    private static Buffer buffer() {
      Window window = new Window(CLOCK, Duration.ofDays(7), Duration.ofHours(1));
      return new ItemBuffer(new SpanItems(CLOCK), window);
    }

    void run(List<byte[]> requests) throws Exception {
      for (byte[] request : requests) {
        log.add(new ConsumerRecord<>("spans", 0, log.size(), null, request));
        while (nextOffset < log.size()) {
          step();
        }
      }
      while (storedOffset < log.size()) {
        step();
      }
    }

    private void step() throws Exception {
      Supplier<Batch.Content> launched = flight;
      if (nextOffset < log.size() && random.nextBoolean()) {
        assertThat(buffer.add(log.get((int) nextOffset++))).isEmpty();
      } else if (launched != null && random.nextBoolean()) {
        land(launched);
      } else if (launched == null && nextOffset > flushedOffset && random.nextBoolean()) {
        flight = buffer.drain(flushedOffset);
        flushedOffset = nextOffset;
      }
    }

    private void land(Supplier<Batch.Content> launched) {
      flight = null;
      boolean fails = random.nextDouble() < failing;
      // Committed without an answer: the next life goes on behind it.
      boolean commits = !fails || random.nextInt(4) == 0;
      if (commits) {
        commit((Batch.Spans) launched.get());
        storedOffset = flushedOffset;
        buffer.stored();
      }
      if (fails) {
        buffer = buffer();
        lives++;
        flushedOffset = storedOffset;
        nextOffset = storedOffset;
      }
    }

    private void commit(Batch.Spans spans) {
      for (TraceBlock block : spans.summary().traces()) {
        for (int i = 0; i < block.traceIds().length; i++) {
          stored.merge(block.traceIds()[i], block.spans()[i], Integer::sum);
        }
      }
      for (RedBlock block : spans.summary().red()) {
        counted.put(block.id(), Arrays.stream(block.calls()).mapToInt(Integer::intValue).sum());
      }
      assertThat(spans.items())
          .isEqualTo(
              spans.summary().traces().stream()
                  .flatMap(block -> Arrays.stream(block.spans()))
                  .mapToInt(Integer::intValue)
                  .sum());
    }

    int counted() {
      return counted.values().stream().mapToInt(Integer::intValue).sum();
    }

    int stored() {
      return stored.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Its trace is its own. */
  private static Span span(long number) {
    return Span.newBuilder()
        .setTraceId(id(16, number))
        .setSpanId(id(8, number))
        .setName("GET /")
        .setKind(Span.SpanKind.SPAN_KIND_SERVER)
        .setStartTimeUnixNano(TimeUnit.SECONDS.toNanos(NOW.getEpochSecond()))
        .setEndTimeUnixNano(TimeUnit.SECONDS.toNanos(NOW.getEpochSecond()) + 1_000)
        .build();
  }

  private static ByteString id(int bytes, long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(bytes).putLong(bytes - 8, number + 1).array());
  }

  private static byte[] request(String host, String scope, List<Span> spans) {
    KeyValue attribute =
        KeyValue.newBuilder()
            .setKey("host.name")
            .setValue(AnyValue.newBuilder().setStringValue(host))
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(attribute))
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setScope(InstrumentationScope.newBuilder().setName(scope))
                        .addAllSpans(spans)))
        .build()
        .toByteArray();
  }

  /** Requests of one to four spans; each may come again, the next time or later. */
  private static List<byte[]> requests(Random random, int spans) {
    List<byte[]> requests = new ArrayList<>();
    for (int number = 0; number < spans; ) {
      List<Span> some = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0 && number < spans; i--) {
        some.add(span(number++));
      }
      requests.add(request("a", "scope", some));
      while (random.nextInt(3) == 0) {
        requests.add(requests.get(random.nextInt(requests.size())));
      }
    }
    return requests;
  }

  @Test
  void spans_areStoredAndCountedOnce_howeverOftenTheyCome() throws Exception {
    for (long seed = 0; seed < 300; seed++) {
      Course course = new Course(seed, 0);
      course.run(requests(new Random(seed), 40));
      assertThat(course.stored).as("seed %d", seed).hasSize(40);
      assertThat(course.stored.values()).as("seed %d", seed).containsOnly(1);
      assertThat(course.counted()).as("seed %d", seed).isEqualTo(40);
    }
  }

  @Test
  void noSpanIsLost_whenFlushesFail_andNoneCountsMoreThanOnceALife() throws Exception {
    for (long seed = 0; seed < 300; seed++) {
      Course course = new Course(seed, 0.4);
      course.run(requests(new Random(seed), 40));
      assertThat(course.stored).as("seed %d", seed).hasSize(40);
      assertThat(course.stored.values())
          .as("seed %d", seed)
          .allMatch(times -> times <= course.lives);
      assertThat(course.counted()).as("seed %d", seed).isEqualTo(course.stored());
    }
  }

  @Test
  void spans_areOthers_whenContentScopeOrResourceDiffer() throws Exception {
    Span one = span(1);
    List<byte[]> requests =
        List.of(
            request("a", "scope", List.of(one)),
            request("a", "other", List.of(one)),
            request("b", "scope", List.of(one)),
            request("a", "scope", List.of(one.toBuilder().setName("PUT /").build())),
            request("a", "scope", List.of(one, one)));
    Course course = new Course(1, 0);
    course.run(requests);
    assertThat(course.stored()).isEqualTo(4);
    assertThat(course.counted()).isEqualTo(4);
  }

  @Test
  void repetitions_areTold() throws Exception {
    Buffer buffer = Course.buffer();
    for (int offset = 0; offset < 3; offset++) {
      byte[] value = request("a", "scope", List.of(span(1), span(2)));
      assertThat(buffer.add(new ConsumerRecord<>("spans", 0, offset, null, value))).isEmpty();
    }
    assertThat(buffer.items()).isEqualTo(2);
    assertThat(buffer.drainRepeated()).isEqualTo(4);
    assertThat(buffer.drainRepeated()).isZero();
  }
}
