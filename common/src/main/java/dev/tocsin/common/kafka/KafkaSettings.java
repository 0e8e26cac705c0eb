package dev.tocsin.common.kafka;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How to reach Kafka, and how topics are made when they do not exist.
 *
 * @param bootstrapServers comma-separated {@code host:port}
 * @param partitions for topics that spread load; compacted topics use it too
 * @param replication replication factor of new topics
 * @param retentionMs how long telemetry stays in Kafka
 * @param retentionBytes per partition, -1 for no bound
 * @param securityProtocol PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
 */
public record KafkaSettings(
    String bootstrapServers,
    int partitions,
    int replication,
    long retentionMs,
    long retentionBytes,
    String securityProtocol,
    String saslMechanism,
    Optional<Secret> saslJaasConfig) {

  /** Reads section {@code [kafka]}. */
  public static KafkaSettings from(Settings settings) {
    Section kafka = settings.section("kafka");
    return new KafkaSettings(
        kafka.string("bootstrap_servers", "127.0.0.1:9092"),
        kafka.integer("partitions", 4, 1, 1_000),
        kafka.integer("replication", 1, 1, 10),
        kafka.duration("retention", Duration.ofHours(24)).toMillis(),
        kafka.bytes("retention_size_per_partition", 1L << 30),
        kafka.string("security_protocol", "PLAINTEXT"),
        kafka.string("sasl_mechanism", "PLAIN"),
        kafka.secret("sasl_jaas_config"));
  }

  /** Properties every client of this cluster shares. */
  public Map<String, Object> clientProperties() {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("security.protocol", securityProtocol);
    properties.put("reconnect.backoff.max.ms", "2000");
    saslJaasConfig.ifPresent(
        secret -> {
          properties.put("sasl.mechanism", saslMechanism);
          properties.put("sasl.jaas.config", secret.reveal());
        });
    return properties;
  }
}
