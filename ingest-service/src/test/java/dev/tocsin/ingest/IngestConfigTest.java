package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.ingest.process.ProcessingConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IngestConfigTest {

  @Test
  void config_hasTheseDefaults() {
    Settings settings = Settings.of(Map.of());
    assertThat(IngestConfig.from(settings))
        .isEqualTo(
            new IngestConfig(
                KafkaSettings.from(settings),
                new Listen("127.0.0.1", 4317),
                new Listen("127.0.0.1", 4318),
                new Listen("127.0.0.1", 8081),
                67_108_864,
                200,
                134_217_728,
                8_000,
                1_000,
                10_000,
                300_000,
                16,
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
  void config_refusesRequestSizeOutOfRange() {
    Settings settings = Settings.of(Map.of("ingest.request_size_max", "2GiB"));
    IngestConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("ingest.request_size_max: 2147483648 (expected: 1-1073741824)");
  }
}
