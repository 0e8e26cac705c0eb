package dev.tocsin.alert.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertConfigTest {
  @Test
  void defaults_areTheseAndNoOthers() {
    Settings settings = Settings.of(Map.of());
    assertThat(AlertConfig.from(settings))
        .isEqualTo(
            new AlertConfig(
                new Listen("127.0.0.1", 8083),
                KafkaSettings.from(settings),
                IdentifyingAttributes.DEFAULT,
                "",
                "http://127.0.0.1:8080",
                true,
                List.of(),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(15),
                Duration.ofSeconds(5),
                Duration.ofSeconds(150),
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                10_000,
                1,
                Duration.ofMillis(200),
                8L << 20,
                2_000,
                500,
                200_000,
                20_000_000,
                128L << 20,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                10_000_000));
    settings.verify();
  }

  @Test
  void durationsThatContradictEachOther_areNamedTogether() {
    Settings settings =
        Settings.of(
            Map.of(
                "alert.heartbeat_timeout", "8s",
                "alert.heartbeat_forget_after", "8s",
                "alert.evaluation_interval", "0s"));
    AlertConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("alert.heartbeat_timeout")
        .hasMessageContaining("alert.heartbeat_forget_after")
        .hasMessageContaining("alert.evaluation_interval: 0ms (expected: more than 0)");
  }
}
