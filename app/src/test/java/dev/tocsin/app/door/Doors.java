package dev.tocsin.app.door;

import static org.awaitility.Awaitility.await;

import dev.tocsin.alert.service.AlertConfig;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.console.service.ConsoleConfig;
import dev.tocsin.console.service.ConsoleService;
import dev.tocsin.incident.service.IncidentConfig;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Every service as far as it starts with no Kafka and no PostgreSQL anywhere: each answers at its
 * API's port, which is all that is asked here.
 */
@SuppressWarnings("try") // whoever closes it is a test, which may be interrupted
final class Doors implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("http.allowed_hosts", "tocsin.example,*.wild.example,port.example:8443"),
          Map.entry("kafka.bootstrap_servers", "127.0.0.1:1"),
          Map.entry("postgres.port", "1"),
          Map.entry("ingest.grpc_port", "0"),
          Map.entry("ingest.http_port", "0"),
          Map.entry("ingest.admin_port", "0"),
          Map.entry("storage.port", "0"),
          Map.entry("alert.port", "0"),
          Map.entry("incident.port", "0"),
          Map.entry("console.port", "0"));

  final Vertx vertx = Vertx.vertx();
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<String, Integer> ports = new LinkedHashMap<>();

  Doors() {
    Settings settings = Settings.of(SETTINGS);
    services.put(
        "ingest admin", IngestService.create(IngestConfig.from(settings), context("ingest")));
    services.put(
        "storage API", StorageService.create(StorageConfig.from(settings), context("storage")));
    services.put("alert API", AlertService.create(AlertConfig.from(settings), context("alert")));
    services.put(
        "incident API", IncidentService.create(IncidentConfig.from(settings), context("incident")));
    services.put(
        "Console", ConsoleService.create(ConsoleConfig.from(settings), context("console")));
    services.forEach(
        (door, service) -> {
          var unused = service.start();
          await().until(() -> portOf(service, door) > 0);
          ports.put(door, portOf(service, door));
        });
  }

  private static int portOf(Service service, String door) {
    return URI.create(service.endpoints().getOrDefault(door, "")).getPort();
  }

  private ServiceContext context(String service) {
    return ServiceContext.create(vertx, service, InstantSource.system());
  }

  /** The API of each service by name. */
  Map<String, Integer> ports() {
    return ports;
  }

  @Override
  public void close() throws Exception {
    List<Throwable> failures = new ArrayList<>();
    for (Service service : services.values()) {
      service.stop().onFailure(failures::add);
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a service did not stop", failures.get(0));
    }
  }
}
