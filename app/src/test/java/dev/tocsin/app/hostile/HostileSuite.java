package dev.tocsin.app.hostile;

import dev.tocsin.alert.service.AlertConfig;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import dev.tocsin.testkit.hostile.Marker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Ingest, storage and alerting in one process, on a Kafka and a database of their own. */
final class HostileSuite implements AutoCloseable {
  private static final String RULES =
      """
      groups:
      - name: hostile
        interval: 1s
        rules:
        - alert: marker_arrived
          expr: %s >= 0
      """;

  private final Vertx vertx = Vertx.vertx();
  private final EmbeddedKafka kafka = Backends.dedicatedKafka();
  private final Map<String, PrometheusMeterRegistry> metrics = new HashMap<>();
  private final Map<String, Service> services = new HashMap<>();
  private final IngestService ingest;
  private final StorageService storage;
  private final AlertService alert;

  private HostileSuite(Path directory) {
    PostgresServer server = Backends.freshDatabase(Backends.uniqueName("hostile"));
    Settings settings =
        Settings.of(
            Map.ofEntries(
                Map.entry("kafka.bootstrap_servers", kafka.bootstrapServers()),
                Map.entry("kafka.partitions", "2"),
                Map.entry("postgres.host", server.host()),
                Map.entry("postgres.port", Integer.toString(server.port())),
                Map.entry("postgres.user", server.user()),
                Map.entry("postgres.password", server.password()),
                Map.entry("postgres.database", server.database()),
                Map.entry("alert.rule_files", rules(directory).toString()),
                Map.entry("alert.port", "0"),
                Map.entry("storage.port", "0"),
                Map.entry("storage.flush_interval_metrics", "1s"),
                // As the launcher has it.
                Map.entry("storage.query_memory_max", "96MiB"),
                Map.entry("ingest.grpc_port", "0"),
                Map.entry("ingest.http_port", "0"),
                Map.entry("ingest.admin_port", "0")));
    ingest = IngestService.create(IngestConfig.from(settings), context("ingest"));
    storage = StorageService.create(StorageConfig.from(settings), context("storage"));
    alert = AlertService.create(AlertConfig.from(settings), context("alert"));
    services.putAll(Map.of("ingest", ingest, "storage", storage, "alert", alert));
  }

  static HostileSuite start(Path directory) {
    HostileSuite suite = new HostileSuite(directory);
    await(Future.all(suite.services.values().stream().map(Service::start).toList()));
    return suite;
  }

  private static Path rules(Path directory) {
    try {
      return Files.writeString(
          directory.resolve("hostile-rules.yml"), RULES.formatted(Marker.METRIC));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ServiceContext context(String name) {
    PrometheusMeterRegistry registry = ProcessMetrics.registry(name);
    metrics.put(name, registry);
    return new ServiceContext(vertx, registry, InstantSource.system());
  }

  Vertx vertx() {
    return vertx;
  }

  String kafka() {
    return kafka.bootstrapServers();
  }

  URI http() {
    return URI.create(ingest.endpoints().get("OTLP HTTP"));
  }

  URI grpc() {
    return URI.create("http://" + ingest.endpoints().get("OTLP gRPC"));
  }

  /** {@code http://host:port} */
  String storage() {
    return storage.endpoints().get("storage API").replace("/api/v1", "");
  }

  /** {@code http://host:port} */
  String alert() {
    return alert.endpoints().get("alert API");
  }

  /** What services say is wrong with them. */
  List<String> complaints() {
    List<String> all = new ArrayList<>();
    services.forEach(
        (name, service) -> {
          Health health = await(service.check());
          health.issues().forEach(issue -> all.add(name + ": " + issue));
          if (!service.ready()) {
            all.add(name + ": not ready");
          }
        });
    return all;
  }

  /** The sum of a service's counters or gauges with that name and these tags. */
  double sum(String service, String name, String... tags) {
    double sum = 0;
    for (Meter meter : metrics.get(service).find(name).tags(tags).meters()) {
      if (meter instanceof Counter counter) {
        sum += counter.count();
      } else if (meter instanceof Gauge gauge) {
        sum += gauge.value();
      }
    }
    return sum;
  }

  static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(90, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    List.of(ingest, alert, storage).forEach(service -> await(service.stop()));
    await(vertx.close());
    kafka.close();
  }
}
