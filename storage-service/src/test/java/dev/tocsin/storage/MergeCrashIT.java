package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service and PostgreSQL are killed in the middle of merges, while more is stored. A trigger
 * keeps merges waiting after they have deleted, so that every kill hits one. What was sent is
 * there, each span, log record and sample once.
 */
final class MergeCrashIT {
  private static final int PARTITIONS = 4;
  private static final int RECORDS = 40;

  /** Faults, and what they are: random, but the same in every run. */
  private static final int FAULTS = Integer.getInteger("tocsin.crash.faults", 6);

  private static final long SEED = Long.getLong("tocsin.crash.seed", 26);

  private static final Duration PAST = Duration.ofHours(2);
  private static final long MS = 1_000_000;

  private static final String SLOW_MERGES =
      """
      create function telemetry.linger() returns trigger language plpgsql as $$
      begin perform pg_sleep(0.2); return null; end $$;
      create trigger linger after delete on telemetry.span_seg
        for each statement execute function telemetry.linger();
      create trigger linger after delete on telemetry.log_seg
        for each statement execute function telemetry.linger();
      create trigger linger after delete on telemetry.metric_block
        for each statement execute function telemetry.linger()\
      """;
  private static final String MERGES_UNDER_WAY =
      "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
  private static final String SMALL =
      """
      select (select count(*) from telemetry.span_seg where id >= 0)
        + (select count(*) from telemetry.log_seg where id >= 0)
        + (select count(*) from telemetry.metric_block where id >= 0)\
      """;
  private static final String MERGED = SMALL.replace("id >= 0", "id < 0");

  @TempDir private Path logs;
  private final Random random = new Random(SEED);
  private final List<String> spans = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();
  private final List<String> samples = new ArrayList<>();

  /** In an hour that is over. */
  private final long base = (System.currentTimeMillis() - PAST.toMillis()) / 3_600_000 * 3_600_000;

  @Test
  void everything_isStoredOnce_whenServiceAndPostgresAreKilledWhileMerging() throws Exception {
    try (EmbeddedPostgres postgres = Backends.dedicatedPostgres();
        StorageRig rig =
            new StorageRig(
                "merge-crash",
                Backends.freshDatabase(Backends.serverOf(postgres), "merge-crash"),
                PARTITIONS)) {
      rig.with("storage.flush_interval", "20ms")
          .with("storage.flush_interval_metrics", "20ms")
          .with("storage.merge_after", "1ms")
          .with("storage.merge_interval", "50ms")
          .with("storage.merge_busy_percent", "100");
      StorageChild service = rig.startProcess(logs.resolve("service.log"));
      try {
        send(rig);
        rig.awaitItems("span_seg", spans.size());
        execute(rig, SLOW_MERGES);
        for (int fault = 0; fault < FAULTS; fault++) {
          send(rig);
          awaitMerge(rig);
          if (fault % 2 == 0) {
            service.kill();
            send(rig);
            service.restart();
          } else {
            postgres.kill();
            send(rig);
            postgres.restart();
          }
        }
        rig.awaitItems("span_seg", spans.size());
        rig.awaitItems("log_seg", lines.size());
        // Until no two that belong together are left.
        rig.awaitNumber("select (" + SMALL + ") - least(3, (" + SMALL + "))", 0);
      } finally {
        service.kill();
      }
      assertThat(rig.number(MERGED)).isPositive();
      assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(spans);
      assertThat(rig.storedLogs())
          .extracting(log -> log.getBody().getStringValue())
          .containsExactlyInAnyOrderElementsOf(lines);
      assertThat(storedSamples(rig)).containsExactlyInAnyOrderElementsOf(samples);
    }
  }

  private static void awaitMerge(StorageRig rig) {
    await()
        .atMost(StorageRig.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> rig.number(MERGES_UNDER_WAY) > 0);
  }

  private void send(StorageRig rig) throws Exception {
    for (int i = 0; i < RECORDS; i++) {
      long nanos = (base + samples.size() + 1) * MS;
      int part = random.nextInt(PARTITIONS);
      Span span = Otlp.span(Otlp.id(16), "GET /" + i % 5, nanos).build();
      rig.send(rig.topics.spans(), part, Otlp.spans("crash", List.of(span)));
      spans.add(HexFormat.of().formatHex(span.getSpanId().toByteArray()));
      String line = "line " + lines.size();
      rig.send(rig.topics.logs(), part, Otlp.logs("crash", List.of(Otlp.log(line, nanos).build())));
      lines.add(line);
      double value = samples.size();
      rig.send(rig.topics.metrics(), part, gauge(nanos, value));
      samples.add(nanos / MS + "=" + value);
    }
  }

  private static ExportMetricsServiceRequest gauge(long nanos, double value) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(Otlp.resource("crash"))
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .addMetrics(
                            Metric.newBuilder()
                                .setName("level")
                                .setGauge(
                                    Gauge.newBuilder()
                                        .addDataPoints(
                                            NumberDataPoint.newBuilder()
                                                .setTimeUnixNano(nanos)
                                                .setAsDouble(value))))))
        .build();
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private static void execute(StorageRig rig, String sql) throws SQLException {
    try (Connection connection = Backends.connect(rig.postgres);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void read(StorageRig rig, String sql, RowReader reader) throws SQLException {
    try (Connection connection = Backends.connect(rig.postgres);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        reader.read(rows);
      }
    }
  }

  /** Samples of the gauge as often as any block has them; {@code target_info} is not counted. */
  private static List<String> storedSamples(StorageRig rig) throws SQLException {
    List<Long> gauge = new ArrayList<>();
    read(
        rig,
        "select distinct series_id from telemetry.series where metric = 'level'",
        row -> gauge.add(row.getLong(1)));
    List<String> stored = new ArrayList<>();
    read(
        rig,
        "select fmt, data from telemetry.metric_block",
        row -> {
          for (SeriesSamples series : MetricBlocks.decode(row.getInt(1), row.getBytes(2))) {
            for (int i = 0; gauge.contains(series.id()) && i < series.size(); i++) {
              stored.add(series.timeMs(i) + "=" + series.value(i));
            }
          }
        });
    return stored;
  }
}
