package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a version stored, all later ones show; and they go on storing beside it. */
final class UpgradeIT {
  static final Path DUMPS = Path.of("src/test/resources/upgrade");
  static final Instant AT = Instant.parse("2026-11-30T12:00:00Z");
  static final long NANOS = AT.getEpochSecond() * 1_000_000_000L;
  static final ByteString TRACE = ByteString.fromHex("0102030405060708090a0b0c0d0e0f10");

  static final String TABLES =
      """
      select relname from pg_class where relnamespace = 'telemetry'::regnamespace
        and relkind in ('r', 'p') and not relispartition order by relname""";

  private static final String RANGE = "start=2026-11-30T11:30:00Z&end=2026-11-30T12:30:00Z";

  static List<String> versions() throws IOException {
    try (Stream<Path> dumps = Files.list(DUMPS)) {
      return dumps.map(dump -> dump.getFileName().toString()).sorted().toList();
    }
  }

  static ExportMetricsServiceRequest gauge(long nanos, double value) {
    NumberDataPoint point =
        NumberDataPoint.newBuilder().setTimeUnixNano(nanos).setAsDouble(value).build();
    Metric metric =
        Metric.newBuilder()
            .setName("temperature")
            .setGauge(Gauge.newBuilder().addDataPoints(point))
            .build();
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(Otlp.resource("shop"))
                .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
        .build();
  }

  /** What the dumps hold, as it came by Kafka. */
  static void sendWhatIsStored(StorageRig rig) throws Exception {
    Span slow = Otlp.span(TRACE, "GET /cart", NANOS).build();
    Span failed = Otlp.failing(TRACE, slow.getSpanId(), NANOS + 1_000_000);
    rig.send(rig.topics.spans(), 0, Otlp.spans("shop", List.of(slow, failed)));
    rig.send(
        rig.topics.logs(), 0, Otlp.logs("shop", List.of(Otlp.log("card refused", NANOS).build())));
    for (int i = 0; i < 5; i++) {
      rig.send(rig.topics.metrics(), 0, gauge(NANOS + i * 15_000_000_000L, i));
    }
  }

  /** The dump as if it had been stored from a topic of this test. */
  private static String of(StorageRig rig, String dump, Topic topic, Topic here) throws Exception {
    try (Admin admin = rig.admin()) {
      Uuid id =
          admin
              .describeTopics(List.of(here.name()))
              .allTopicNames()
              .get()
              .get(here.name())
              .topicId();
      UUID uuid = new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
      return dump.replaceAll(
              "('" + topic.name() + "', '\\d+', '\\d+', ')[0-9a-f-]{36}'", "$1" + uuid + "'")
          .replace("'" + topic.name() + "'", "'" + here.name() + "'");
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void telemetryOfAnOlderVersion_isShown_andMoreIsStoredBesideIt(String dump) throws Exception {
    PostgresServer server = Backends.freshDatabase("upgrade");
    StorageService.Topics topics = StorageRig.topics("upgrade");
    try (StorageRig rig = new StorageRig(server, 1, topics)) {
      String sql = Files.readString(DUMPS.resolve(dump));
      sql = of(rig, sql, Topic.SPANS, topics.spans());
      sql = of(rig, sql, Topic.LOGS, topics.logs());
      Backends.execute(server, of(rig, sql, Topic.METRICS, topics.metrics()));
      // The dump's day grows old.
      rig.with("storage.retention_traces", "3650d")
          .with("storage.retention_logs", "3650d")
          .with("storage.retention_metrics", "3650d");
      sendWhatIsStored(rig);
      StorageService service = rig.start();
      JsonObject traces = rig.json(service, "/api/v1/traces?service=shop&" + RANGE);
      assertThat(traces.getJsonArray("traces")).hasSize(1);
      assertThat(rig.get(service, "/api/v1/traces/0102030405060708090a0b0c0d0e0f10").body())
          .contains("GET /cart");
      assertThat(rig.get(service, "/api/v1/logs?service=shop&q=refused&" + RANGE).body())
          .contains("card refused");
      assertThat(
              rig.get(
                      service,
                      "/prometheus/api/v1/query?query=temperature&time=2026-11-30T12:01:00Z")
                  .body())
          .contains("\"4\"");
      rig.send(rig.topics.metrics(), 0, gauge(NANOS + 75_000_000_000L, 9));
      rig.send(
          rig.topics.spans(),
          0,
          Otlp.spans("later", List.of(Otlp.span(Otlp.id(16), "GET /new", NANOS).build())));
      rig.awaitItems("span_seg", 3);
      assertThat(rig.json(service, "/api/v1/traces?service=later&" + RANGE).getJsonArray("traces"))
          .hasSize(1);
    }
  }
}
