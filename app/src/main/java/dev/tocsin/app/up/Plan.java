package dev.tocsin.app.up;

import dev.tocsin.app.running.RunningSuite;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.embedded.EmbeddedException;
import dev.tocsin.embedded.PreviousServer;
import dev.tocsin.embedded.StartProgress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is going to run, settled before anything starts: configuration without problems, a directory
 * that is ours, ports that are free.
 */
record Plan(
    UpConfig config,
    HomeDirectory home,
    PortPlan ports,
    boolean demo,
    @Nullable Path configFile,
    Map<String, String> env,
    Map<String, String> overrides) {
  private static final String DEMO_RULES = "demo-rules.yaml";

  Plan {
    env = Map.copyOf(env);
    overrides = Map.copyOf(overrides);
  }

  /**
   * Checks directory and ports, in this order.
   *
   * @param options whose configuration has been found usable by {@link #check}
   * @throws StartFailure when the directory or a port cannot be had
   */
  static Plan make(UpOptions options, Map<String, String> env, StartProgress progress) {
    Settings settings = Settings.load(options.configFile(), env, Map.of());
    UpConfig config = UpConfig.from(settings);
    PortPlan ports = PortPlan.of(settings, options.portOffset());
    HomeDirectory home = HomeDirectory.open(options.dataDirectory());
    try {
      // What a dead owner has left.
      RunningSuite.remove(home.path());
      PreviousServer.end(home.kafka(), "TERM", progress);
      PreviousServer.end(home.postgres(), "INT", progress);
      ports.requireFree();
      return new Plan(
          config,
          home,
          ports,
          options.demo(),
          options.configFile(),
          env,
          overrides(settings, ports, options.demo() ? demoRules(home) : null));
    } catch (StartFailure | EmbeddedException e) {
      home.close();
      throw e;
    } catch (IOException e) {
      home.close();
      throw new StartFailure("data directory: " + FailureText.of(e) + " (expected: writable)");
    }
  }

  /**
   * Checks the configuration with the rule files and destinations it names; nothing is started or
   * written.
   *
   * @throws dev.tocsin.common.config.ConfigException naming every problem
   */
  static Settings check(@Nullable Path configFile, Map<String, String> env) {
    Settings settings = Settings.load(configFile, env, Map.of());
    var unusedConfig = UpConfig.from(settings);
    var unusedPorts = PortPlan.of(settings, 0);
    Suite.declare(settings);
    settings.verify();
    return settings;
  }

  /** The services' settings; what is given here comes before everything else. */
  Settings settings(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(overrides);
    all.putAll(more);
    return Settings.load(configFile, env, all);
  }

  private static Map<String, String> overrides(
      Settings settings, PortPlan ports, @Nullable Path demoRules) {
    Map<String, String> all = new HashMap<>(ports.overrides());
    all.put("kafka.bootstrap_servers", "127.0.0.1:" + ports.port("app.kafka_port"));
    all.put("kafka.security_protocol", "PLAINTEXT");
    all.put("kafka.replication", "1");
    // One partition lets a request's bytes go through untouched; more serve nobody on one machine.
    unlessSet(all, settings, "kafka", "partitions", "1");
    // Fits the launcher's heap, which all services share.
    unlessSet(all, settings, "ingest", "request_size_max", "16MiB");
    unlessSet(all, settings, "ingest", "in_flight_size_max", "64MiB");
    unlessSet(all, settings, "ingest", "kafka_buffer_size", "48MiB");
    unlessSet(all, settings, "storage", "query_size_max", "64MiB");
    unlessSet(all, settings, "storage", "query_memory_max", "96MiB");
    all.put("postgres.host", "127.0.0.1");
    all.put("postgres.port", Integer.toString(ports.port("app.postgres_port")));
    all.put("console.ingest_url", url(ports, "ingest.admin_port"));
    all.put("console.storage_url", url(ports, "storage.port"));
    all.put("console.alert_url", url(ports, "alert.port"));
    all.put("console.incident_url", url(ports, "incident.port"));
    all.put("console.otlp_grpc_endpoint", url(ports, "ingest.grpc_port"));
    all.put("console.otlp_http_endpoint", url(ports, "ingest.http_port"));
    all.put("alert.external_url", url(ports, "console.port"));
    if (demoRules != null) {
      String configured = String.join(",", settings.section("alert").files("rule_files"));
      all.put(
          "alert.rule_files", configured.isEmpty() ? "" + demoRules : configured + "," + demoRules);
    }
    return all;
  }

  private static void unlessSet(
      Map<String, String> all, Settings settings, String section, String key, String value) {
    all.put(section + "." + key, settings.section(section).string(key).orElse(value));
  }

  private static String url(PortPlan ports, String key) {
    return "http://127.0.0.1:" + ports.port(key);
  }

  private static Path demoRules(HomeDirectory home) {
    try (InputStream in = Plan.class.getResourceAsStream(DEMO_RULES)) {
      if (in == null) {
        throw new IllegalStateException(DEMO_RULES + " is missing beside " + Plan.class);
      }
      return home.write("demo/" + DEMO_RULES, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
