package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.http.TlsSettings;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.ingest.access.AccessConfig;
import dev.tocsin.ingest.listen.ConnectionLimits;
import dev.tocsin.ingest.process.ProcessingConfig;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IngestConfigTest {

  @Test
  void config_hasTheseDefaults() {
    Settings settings = Settings.of(Map.of());
    assertThat(IngestConfig.from(settings))
        .isEqualTo(
            new IngestConfig(
                KafkaSettings.from(settings),
                IdentifyingAttributes.DEFAULT,
                new Listen("127.0.0.1", 4317),
                new Listen("127.0.0.1", 4318),
                new Listen("127.0.0.1", 8081),
                Optional.empty(),
                Optional.empty(),
                TlsSettings.OFF,
                new AccessConfig(AccessConfig.Mode.NONE, Optional.empty(), 10_000, 50),
                new ConnectionLimits(20_000, 10_000, 300_000, 16_384, 16),
                67_108_864,
                200,
                134_217_728,
                8_000,
                1_000,
                10_000,
                5,
                134_217_728,
                List.of(),
                7_200_000,
                ProcessingConfig.NONE));
    settings.verify();
  }

  @Test
  void config_namesEveryLimitThatDoesNotFit() {
    Settings settings =
        Settings.of(
            Map.of(
                "ingest.request_size_max", "64MiB",
                "ingest.in_flight_size_max", "100MiB",
                "ingest.kafka_buffer_size", "32MiB",
                "ingest.request_timeout", "500ms",
                "ingest.retry_delay", "0s"));
    IngestConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("ingest.in_flight_size_max: 104857600 (expected: at least twice")
        .hasMessageContaining("ingest.kafka_buffer_size: 33554432 (expected: ")
        .hasMessageContaining("ingest.request_timeout: 500ms (expected: ")
        .hasMessageContaining("ingest.retry_delay: 0ms (expected: ");
  }

  @Test
  void config_listensToTheWorld_onlyWhenItAsksWhoSends() {
    assertProblems(Map.of("ingest.host", "0.0.0.0"), "ingest.host: 0.0.0.0 (expected: a loopback");
    assertProblems(
        Map.of("ingest.host", "0.0.0.0", "ingest.authentication", "keys"),
        "ingest.admin_host: 0.0.0.0 (expected: a loopback");
    assertProblems(
        Map.of("ingest.keys_file", "keys.jsonl"), "ingest.keys_file: keys.jsonl (expected: auth");
    Map<String, String> keys =
        Map.of(
            "ingest.host", "0.0.0.0",
            "ingest.admin_host", "127.0.0.1",
            "ingest.authentication", "keys");
    Map<String, String> certificates =
        Map.of(
            "ingest.host", "0.0.0.0",
            "ingest.admin_host", "127.0.0.1",
            "ingest.tls.cert_file", "cert.pem",
            "ingest.tls.key_file", "key.pem",
            "ingest.tls.client_ca_file", "ca.pem");
    for (Map<String, String> safe : List.of(keys, certificates)) {
      Settings settings = Settings.of(safe);
      assertThat(IngestConfig.from(settings).admin()).isEqualTo(new Listen("127.0.0.1", 8081));
      settings.verify();
    }
  }

  private static void assertProblems(Map<String, String> values, String problem) {
    Settings settings = Settings.of(values);
    IngestConfig.from(settings);
    assertThatThrownBy(settings::verify).hasMessageContaining(problem);
  }

  @Test
  void config_refusesRequestSizeOutOfRange() {
    Settings settings = Settings.of(Map.of("ingest.request_size_max", "2GiB"));
    IngestConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("ingest.request_size_max: 2147483648 (expected: 1-1073741824)");
  }
}
