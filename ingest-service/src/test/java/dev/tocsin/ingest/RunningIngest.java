package dev.tocsin.ingest;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The real service on free ports, for one test class or one test. */
final class RunningIngest implements AutoCloseable {
  /** Does not exist: items of any time are taken. */
  private static final Topic NO_LIMITS = new Topic("tests.no-limits", false, true);

  private final Vertx vertx = Vertx.vertx();
  private final PrometheusMeterRegistry metrics = ProcessMetrics.registry("ingest-service");
  private final IngestService service;

  private RunningIngest(IngestConfig config, InstantSource clock, Topic limits) {
    service = IngestService.create(config, new ServiceContext(vertx, metrics, clock), limits);
  }

  /** At a time of its own, and told by a topic of its own what storage takes. */
  static RunningIngest start(String kafka, InstantSource clock, Topic limits) {
    return start(kafka, null, Map.of(), clock, limits);
  }

  static KafkaSettings kafkaSettings(String kafka) {
    return KafkaSettings.from(
        Settings.load(null, Map.of(), Map.of("kafka.bootstrap_servers", kafka)));
  }

  /**
   * @param overrides of the configuration, by dotted key
   */
  static RunningIngest start(String kafka, Map<String, String> overrides) {
    return start(kafka, null, overrides);
  }

  /**
   * @param file the TOML file; null for none
   */
  static RunningIngest start(String kafka, @Nullable Path file, Map<String, String> overrides) {
    return start(kafka, file, overrides, InstantSource.system(), NO_LIMITS);
  }

  private static RunningIngest start(
      String kafka,
      @Nullable Path file,
      Map<String, String> overrides,
      InstantSource clock,
      Topic limits) {
    Map<String, String> all = new HashMap<>();
    all.put("kafka.bootstrap_servers", kafka);
    all.put("ingest.grpc_port", "0");
    all.put("ingest.http_port", "0");
    all.put("ingest.admin_port", "0");
    all.putAll(overrides);
    Settings settings = Settings.load(file, Map.of(), all);
    IngestConfig config = IngestConfig.from(settings);
    settings.verify();
    RunningIngest running = new RunningIngest(config, clock, limits);
    await(running.service.start());
    return running;
  }

  IngestService service() {
    return service;
  }

  Vertx vertx() {
    return vertx;
  }

  /** {@code host:port} */
  String grpc() {
    return service.endpoints().get("OTLP gRPC");
  }

  /** {@code http://host:port} */
  String http() {
    return service.endpoints().get("OTLP HTTP");
  }

  /** {@code http://host:port} */
  String admin() {
    return service.endpoints().get("ingest admin");
  }

  int port(String endpoint) {
    return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
  }

  String scrape() {
    return metrics.scrape();
  }

  static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    await(service.stop());
    await(vertx.close());
  }
}
