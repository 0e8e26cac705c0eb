package dev.tocsin.app.up;

import dev.tocsin.common.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every port the all-in-one process listens on, with the offset added. */
record PortPlan(List<Use> uses) {
  private static final int PORT_MAX = 65_535;

  PortPlan {
    uses = List.copyOf(uses);
  }

  /**
   * @param what for messages
   * @param key the dotted configuration key that sets it
   */
  record Use(String what, String key, int port) {}

  /** The ports as configured, or their defaults, each with the offset added. */
  static PortPlan of(Settings settings, int offset) {
    List<Use> uses = new ArrayList<>();
    uses.add(use(settings, offset, "OTLP over gRPC", "ingest.grpc_port", 4317));
    uses.add(use(settings, offset, "OTLP over HTTP", "ingest.http_port", 4318));
    uses.add(use(settings, offset, "ingest-service", "ingest.admin_port", 8081));
    uses.add(use(settings, offset, "storage-service", "storage.port", 8082));
    uses.add(use(settings, offset, "alert-service", "alert.port", 8083));
    uses.add(use(settings, offset, "incident-service", "incident.port", 8084));
    uses.add(use(settings, offset, "console", "console.port", 8080));
    uses.add(use(settings, offset, "Kafka", "app.kafka_port", 19_092));
    uses.add(use(settings, offset, "Kafka controller", "app.kafka_controller_port", 19_093));
    uses.add(use(settings, offset, "PostgreSQL", "app.postgres_port", 15_432));
    return new PortPlan(uses);
  }

  private static Use use(Settings settings, int offset, String what, String key, int fallback) {
    int dot = key.indexOf('.');
    int port = settings.section(key.substring(0, dot)).port(key.substring(dot + 1), fallback);
    return new Use(what, key, port + offset);
  }

  int port(String key) {
    return uses.stream()
        .filter(use -> use.key.equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no port " + key))
        .port();
  }

  /** The ports as overrides for the services' configuration. */
  Map<String, String> overrides() {
    Map<String, String> all = new LinkedHashMap<>();
    uses.forEach(use -> all.put(use.key, Integer.toString(use.port)));
    return all;
  }

  /**
   * @throws StartFailure naming every port that is out of range or already in use
   */
  void requireFree() {
    List<String> problems = new ArrayList<>();
    for (Use use : uses) {
      if (use.port < 1 || use.port > PORT_MAX) {
        problems.add(
            "port %d for %s (expected: 1-%d; change %s or --port-offset)"
                .formatted(use.port, use.what, PORT_MAX, use.key));
      } else if (!isFree(use.port)) {
        problems.add("port %d for %s is taken (%s)".formatted(use.port, use.what, use.key));
      }
    }
    if (!problems.isEmpty()) {
      problems.add(
          "stop the program that listens there, or start with --port-offset 100, or set other ports with --config");
      throw new StartFailure(problems);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
