package dev.tocsin.storage.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.storage.keep.merge.MergeSettings;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.write.consume.FlushLimits;
import dev.tocsin.storage.write.consume.Parts;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StorageConfigTest {

  @Test
  void defaults_arePinned() {
    Settings settings = Settings.of(Map.of());
    StorageConfig config = StorageConfig.from(settings);
    settings.verify();
    assertThat(config.listen()).isEqualTo(new Listen("127.0.0.1", 8082));
    assertThat(config.parts()).isEqualTo(Parts.SHARED);
    assertThat(config.queryPostgres()).containsExactly(config.postgres());
    assertThat(config.flush()).isEqualTo(new FlushLimits(Duration.ofSeconds(1), 5_000, 8L << 20));
    assertThat(config.metricsFlush())
        .isEqualTo(new FlushLimits(Duration.ofSeconds(5), 100_000, 8L << 20));
    assertThat(config.retention())
        .isEqualTo(
            new PgStorage.Retention(
                Duration.ofDays(7), Duration.ofDays(7), Duration.ofDays(30), 0));
    assertThat(config.merging())
        .isEqualTo(
            new MergeSettings(
                true, Duration.ofMinutes(10), Duration.ofMinutes(1), 20, 10_000, 16L << 20));
    assertThat(config.futureMax()).isEqualTo(Duration.ofHours(1));
    assertThat(config.encodeThreads()).isEqualTo(2);
    assertThat(config.identifying()).isEqualTo(IdentifyingAttributes.DEFAULT);
    assertThat(config.query())
        .isEqualTo(
            new QueryLimits(
                4,
                64,
                Duration.ofSeconds(10),
                256L << 20,
                Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4),
                Duration.ofDays(31),
                1_000,
                50_000,
                50_000_000,
                32));
  }

  @Test
  void partsAndDatabasesToRead_areRead() {
    Settings settings =
        Settings.of(
            Map.of(
                "storage.parts",
                "0-2,7",
                "storage.query_from",
                "replica.db:5433/telemetry, other.db:5432/tocsin"));
    StorageConfig config = StorageConfig.from(settings);
    settings.verify();
    assertThat(config.parts().named()).containsExactly(0, 1, 2, 7);
    assertThat(config.queryPostgres().stream().map(PostgresSettings::address))
        .containsExactly("replica.db:5433/telemetry", "other.db:5432/tocsin");
    Settings wrong = Settings.of(Map.of("storage.parts", "all", "storage.query_from", "replica"));
    StorageConfig unused = StorageConfig.from(wrong);
    assertThat(unused).isNotNull();
    assertThatThrownBy(wrong::verify)
        .hasMessageContaining("storage.parts: all (expected: numbers and ranges, such as 0-3,8)")
        .hasMessageContaining("storage.query_from: replica (expected: host:port/database");
  }

  @Test
  void databasesToRead_areRefused_whenOneIsNamedTwice() {
    Settings settings = Settings.of(Map.of("storage.query_from", "a:1/b,a:1/b"));
    StorageConfig unused = StorageConfig.from(settings);
    assertThat(unused).isNotNull();
    assertThatThrownBy(settings::verify)
        .hasMessage("storage.query_from: a:1/b,a:1/b (expected: each database once)");
  }

  @Test
  void retention_isRefused_whenShorterThanADay() {
    Settings settings = Settings.of(Map.of("storage.retention_logs", "90m"));
    StorageConfig unused = StorageConfig.from(settings);
    assertThat(unused).isNotNull();
    assertThatThrownBy(settings::verify)
        .isInstanceOf(ConfigException.class)
        .hasMessage("storage.retention_logs: 90m (expected: 1d or more)");
  }
}
