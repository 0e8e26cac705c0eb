package dev.tocsin.console.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.console.proxy.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConsoleConfigTest {

  @Test
  void config_hasTheseDefaults() {
    assertThat(ConsoleConfig.from(Settings.of(Map.of())))
        .isEqualTo(
            new ConsoleConfig(
                new Listen("127.0.0.1", 8080),
                List.of("localhost", "127.0.0.1", "[::1]"),
                Map.of(
                    Upstream.INGEST, URI.create("http://127.0.0.1:8081"),
                    Upstream.STORAGE, URI.create("http://127.0.0.1:8082"),
                    Upstream.ALERT, URI.create("http://127.0.0.1:8083"),
                    Upstream.INCIDENT, URI.create("http://127.0.0.1:8084")),
                Duration.ofSeconds(3),
                Duration.ofSeconds(30),
                "http://127.0.0.1:4317",
                "http://127.0.0.1:4318"));
  }

  @Test
  void config_namesTheAddressItCannotUse() {
    Settings settings = Settings.of(Map.of("console.alert_url", "alert-service:8083"));
    ConsoleConfig.from(settings);
    assertThatThrownBy(settings::verify)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "console.alert_url: alert-service:8083 (expected: an address such as"
                + " http://127.0.0.1:8083)");
  }
}
