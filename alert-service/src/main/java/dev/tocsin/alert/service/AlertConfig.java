package dev.tocsin.alert.service;

import dev.tocsin.alert.rules.RuleSources;
import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import java.time.Duration;
import java.util.List;

/**
 * What alert-service is told, from section {@code [alert]}; docs/configuration.md explains each
 * key.
 *
 * @param instanceId names this process among those on the same Kafka; empty for one made from host
 *     name and port
 */
public record AlertConfig(
    Listen listen,
    KafkaSettings kafka,
    IdentifyingAttributes identifying,
    String instanceId,
    String externalUrl,
    boolean defaultRules,
    List<String> ruleFiles,
    Duration evaluationInterval,
    Duration resendInterval,
    Duration resolvedRetention,
    Duration heartbeatInterval,
    Duration heartbeatTimeout,
    Duration heartbeatForgetAfter,
    Duration heartbeatSettledAfter,
    int instancesMax,
    int deriveThreads,
    Duration deriveBatch,
    long deriveBatchBytesMax,
    int servicesMax,
    int spanNamesPerServiceMax,
    int windowSeriesMax,
    int windowSamplesMax,
    long windowLabelsBytesMax,
    Duration windowResolution,
    Duration queryTimeout,
    int querySamplesMax) {

  /** Reads section {@code [alert]} and holds every default. */
  public static AlertConfig from(Settings settings) {
    Section alert = settings.section("alert");
    AlertConfig config =
        new AlertConfig(
            Listen.from(settings, "alert", "port", 8083),
            KafkaSettings.from(settings),
            IdentifyingAttributes.from(settings),
            alert.string("instance_id", ""),
            alert.string("external_url", "http://127.0.0.1:8080"),
            alert.bool("default_rules", true),
            alert.files("rule_files"),
            alert.duration("evaluation_interval", Duration.ofSeconds(1)),
            alert.duration("resend_interval", Duration.ofMinutes(1)),
            alert.duration("resolved_retention", Duration.ofMinutes(15)),
            alert.duration("heartbeat_interval", Duration.ofSeconds(5)),
            alert.duration("heartbeat_timeout", Duration.ofSeconds(150)),
            alert.duration("heartbeat_forget_after", Duration.ofHours(1)),
            alert.duration("heartbeat_settled_after", Duration.ofMinutes(10)),
            alert.integer("instances_max", 10_000, 1, 1_000_000),
            alert.integer("derive_threads", 1, 1, 64),
            alert.duration("derive_batch", Duration.ofMillis(200)),
            alert.bytes("derive_batch_size", 8L << 20),
            alert.integer("services_max", 2_000, 1, 1_000_000),
            alert.integer("span_names_per_service_max", 500, 1, 100_000),
            alert.integer("window_series_max", 200_000, 1, 10_000_000),
            alert.integer("window_samples_max", 20_000_000, 1, 1_000_000_000),
            alert.bytes("window_labels_size_max", 128L << 20),
            alert.duration("window_resolution", Duration.ofSeconds(1)),
            alert.duration("query_timeout", Duration.ofSeconds(10)),
            alert.integer("query_samples_max", 10_000_000, 1, 1_000_000_000));
    config.check(alert);
    return config;
  }

  /** As {@link #from}; also reads the rule files, so that their problems come with all others. */
  public static AlertConfig checked(Settings settings) {
    AlertConfig config = from(settings);
    RuleSources.problems(config.defaultRules, config.ruleFiles).forEach(settings::problem);
    return config;
  }

  private void check(Section alert) {
    positive(alert, "evaluation_interval", evaluationInterval);
    positive(alert, "resend_interval", resendInterval);
    positive(alert, "heartbeat_interval", heartbeatInterval);
    positive(alert, "query_timeout", queryTimeout);
    if (heartbeatTimeout.compareTo(heartbeatInterval.multipliedBy(2)) < 0) {
      alert.problem(
          "heartbeat_timeout",
          heartbeatTimeout.toString(),
          "at least twice heartbeat_interval, " + heartbeatInterval);
    }
    if (heartbeatForgetAfter.compareTo(heartbeatTimeout) <= 0) {
      alert.problem(
          "heartbeat_forget_after",
          heartbeatForgetAfter.toString(),
          "more than heartbeat_timeout, " + heartbeatTimeout);
    }
  }

  private static void positive(Section alert, String key, Duration value) {
    if (value.isZero()) {
      alert.problem(key, "0ms", "more than 0");
    }
  }
}
