package dev.tocsin.app.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.testkit.Backends;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our own receiver under our own suite. */
class ConformanceIT {
  private final Vertx vertx = Vertx.vertx();
  private IngestService ingest;

  @BeforeEach
  void start() throws Exception {
    Settings settings =
        Settings.of(
            Map.of(
                "kafka.bootstrap_servers", Backends.kafka(),
                "ingest.grpc_port", "0",
                "ingest.http_port", "0",
                "ingest.admin_port", "0",
                "ingest.request_size_max", "2MiB",
                "ingest.in_flight_size_max", "16MiB",
                "ingest.request_timeout", "4s",
                "ingest.cors_origins", "https://shop.example"));
    IngestConfig config = IngestConfig.from(settings);
    settings.verify();
    var metrics = ProcessMetrics.registry("ingest-service");
    ingest =
        IngestService.create(config, new ServiceContext(vertx, metrics, InstantSource.system()));
    await(ingest.start());
  }

  @AfterEach
  void stop() throws Exception {
    await(ingest.stop());
    await(vertx.close());
  }

  @Test
  void ingestService_holdsEveryMustAndShould() {
    ConformanceRun run =
        ConformanceRun.of(
            "--grpc=" + ingest.endpoints().get("OTLP gRPC"),
            "--http=" + ingest.endpoints().get("OTLP HTTP"),
            "--size-limit=2MiB",
            "--timeout=10s",
            "--patience=10s",
            "--cors-origin=https://shop.example",
            "--json=-");
    assertThat(run.exitCode()).as(run.err()).isNotEqualTo(2);
    assertThat(run.failures().filter(one -> !one.getString("level").equals("EXPECTED")))
        .extracting(JsonObject::encode)
        .isEmpty();
    assertThat(run.exitCode()).isZero();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
