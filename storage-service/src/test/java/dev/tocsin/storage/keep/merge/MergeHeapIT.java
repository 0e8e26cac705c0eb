package dev.tocsin.storage.keep.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Merging has the heap that the launcher gives, whatever the items are. */
final class MergeHeapIT {
  private static final Instant HOUR = Instant.parse("2026-05-01T10:00:00Z");
  private static final int RECORDS = 4_000;
  private static final int RECORD_BYTES = 40_000;
  private static final int FLUSH_BYTES = 8 << 20;

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = Backends.freshDatabase("heap");
  private final Postgres postgres =
      new Postgres(vertx, server.settings(), TelemetrySchema.migrations());
  private final PgSegmentStore store = new PgSegmentStore(postgres, new Partitions(postgres));
  private final Random random = new Random(3);

  @AfterEach
  void close() throws Exception {
    wait(postgres.stop());
    wait(vertx.close());
  }

  @Test
  void largeRecords_areMergedAsFarAsTheHeapOfTheLauncherGoes() throws Exception {
    wait(postgres.start());
    // Many small flushes, as of an hour with little traffic: each could go with any other.
    for (int flush = 0; flush < RECORDS / 20; flush++) {
      List<LogItem> some = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        some.add(log(text()));
      }
      commit("logs", flush, new Batch.Logs(List.of(LogSegments.encode(some))));
    }
    // Full flushes: two of them are more than a merge may have.
    int perFlush = FLUSH_BYTES / RECORD_BYTES + 1;
    for (int flush = 0; flush < 4; flush++) {
      List<SpanItem> some = new ArrayList<>();
      for (int i = 0; i < perFlush; i++) {
        some.add(span(text()));
      }
      commit("spans", flush, new Batch.Spans(List.of(SpanSegments.encode(some)), List.of()));
    }
    String output = merge();
    assertThat(output).contains("LOGS: " + RECORDS / 20).contains("SPANS: 0");
    assertThat(number("select sum(n) from telemetry.log_seg")).isEqualTo(RECORDS);
    assertThat(number("select max(unpacked) from telemetry.log_seg")).isLessThan(16 << 20);
    assertThat(number("select count(*) from telemetry.log_seg")).isBetween(8L, 20L);
    assertThat(number("select count(*) from telemetry.span_seg where id >= 0")).isEqualTo(4);

    // Rows of versions that did not tell are found out to be too large, and left alone.
    Backends.execute(server, "update telemetry.log_seg set unpacked = null, id = part * 1000 - id");
    Backends.execute(server, "update telemetry.span_seg set unpacked = null");
    output = merge();
    assertThat(output).contains("SAMPLES: 0");
    assertThat(number("select sum(n) from telemetry.log_seg")).isEqualTo(RECORDS);
    assertThat(number("select sum(n) from telemetry.span_seg")).isEqualTo(4L * perFlush);
  }

  private String merge() throws Exception {
    Path log = Files.createTempFile("merge", ".log");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            launcherHeap(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            MergeChild.class.getName(),
            server.host(),
            Integer.toString(server.port()),
            server.database(),
            server.user(),
            server.password(),
            HOUR.plus(Duration.ofHours(2)).toString());
    Process child =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(child.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String output = Files.readString(log);
    assertThat(child.exitValue()).as(output).isZero();
    Files.delete(log);
    return output;
  }

  /** What the command gives the whole suite. */
  private static String launcherHeap() throws Exception {
    Matcher heap =
        Pattern.compile("-Xms\\w+ (-Xmx\\w+)").matcher(Files.readString(Path.of("..", "tocsin")));
    assertThat(heap.find()).isTrue();
    return heap.group(1);
  }

  private String text() {
    byte[] bytes = new byte[RECORD_BYTES];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      // Three bits a letter: what is stored is less than half.
      bytes[i] = (byte) ('a' + (bytes[i] & 7));
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private LogItem log(String text) {
    long nanos = nanos();
    LogRecord log =
        LogRecord.newBuilder()
            .setTimeUnixNano(nanos)
            .setBody(AnyValue.newBuilder().setStringValue(text))
            .build();
    return new LogItem(new Origin(ByteString.EMPTY, ByteString.EMPTY, "shop"), log, nanos);
  }

  private SpanItem span(String text) {
    long nanos = nanos();
    Span span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(ByteBuffer.allocate(16).putLong(8, nanos).array()))
            .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(0, nanos).array()))
            .setStartTimeUnixNano(nanos)
            .setEndTimeUnixNano(nanos + 1)
            .addAttributes(
                KeyValue.newBuilder()
                    .setKey("query")
                    .setValue(AnyValue.newBuilder().setStringValue(text)))
            .build();
    return new SpanItem(new Origin(ByteString.EMPTY, ByteString.EMPTY, "shop"), span);
  }

  private long nanos() {
    return HOUR.getEpochSecond() * 1_000_000_000 + random.nextInt(3_599) * 1_000_000_000L;
  }

  private void commit(String topic, long offset, Batch.Content content) throws Exception {
    wait(store.point(topic, 0));
    assertThat(wait(store.commit(new Batch(topic, 0, offset, offset + 1, content)))).isTrue();
  }

  private long number(String sql) throws Exception {
    try (var connection = Backends.connect(server);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
