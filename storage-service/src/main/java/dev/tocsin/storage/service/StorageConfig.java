package dev.tocsin.storage.service;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.storage.keep.merge.MergeSettings;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.write.consume.FlushLimits;
import dev.tocsin.storage.write.consume.Parts;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Everything this service is told.
 *
 * @param queryPostgres where queries are answered from, one or several; {@code postgres} when
 *     nothing else is named
 * @param parts the Kafka partitions this instance stores
 * @param flush of spans and logs
 * @param metricsFlush of samples, which compress better the more of a series come together
 * @param futureMax how far ahead of the clock a timestamp may be
 * @param encodeThreads threads that encode segments
 * @param identifying attributes of resources that series are named by
 */
public record StorageConfig(
    Listen listen,
    KafkaSettings kafka,
    PostgresSettings postgres,
    List<PostgresSettings> queryPostgres,
    Parts parts,
    FlushLimits flush,
    FlushLimits metricsFlush,
    PgStorage.Retention retention,
    MergeSettings merging,
    Duration futureMax,
    int encodeThreads,
    IdentifyingAttributes identifying,
    QueryLimits query) {

  private static final int DATABASES_MAX = 32;

  /** Beside what is written and all that a service needs. */
  private static final long QUERY_MEMORY_MAX =
      Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

  private static final Duration DAY = Duration.ofDays(1);
  private static final Pattern ADDRESS = Pattern.compile("([^:/@\\s]+):(\\d{1,5})/([^/@\\s]+)");

  /** Reads sections {@code [storage]}, {@code [kafka]} and {@code [postgres]}. */
  public static StorageConfig from(Settings settings) {
    Section storage = settings.section("storage");
    int itemsMax = storage.integer("flush_items_max", 5_000, 1, 100_000);
    long sizeMax = storage.bytes("flush_size_max", 8L << 20);
    PostgresSettings postgres = PostgresSettings.from(settings);
    return new StorageConfig(
        Listen.from(settings, "storage", "port", 8082),
        KafkaSettings.from(settings),
        postgres,
        queryPostgres(storage, postgres),
        Parts.from(storage),
        new FlushLimits(
            storage.duration("flush_interval", Duration.ofSeconds(1)), itemsMax, sizeMax),
        new FlushLimits(
            storage.duration("flush_interval_metrics", Duration.ofSeconds(5)),
            storage.integer("flush_samples_max", 100_000, 1, 1_000_000),
            sizeMax),
        new PgStorage.Retention(
            retention(storage, "retention_traces", 7),
            retention(storage, "retention_logs", 7),
            retention(storage, "retention_metrics", 30),
            storage.bytes("size_max", 0)),
        new MergeSettings(
            storage.bool("merge", true),
            storage.duration("merge_after", Duration.ofMinutes(10)),
            storage.duration("merge_interval", Duration.ofMinutes(1)),
            storage.integer("merge_busy_percent", 20, 1, 100),
            storage.integer("merge_items_max", 10_000, 4_000, 100_000),
            storage.bytes("merge_size_max", 16L << 20)),
        storage.duration("future_max", Duration.ofHours(1)),
        storage.integer("encode_threads", 2, 1, 64),
        IdentifyingAttributes.from(settings),
        new QueryLimits(
            storage.integer("query_threads", 4, 1, 64),
            storage.integer("query_queue_max", 64, 1, 10_000),
            storage.duration("query_timeout", Duration.ofSeconds(10)),
            storage.bytes("query_size_max", 256L << 20),
            storage.bytes("query_memory_max", QUERY_MEMORY_MAX),
            storage.duration("query_range_max", Duration.ofDays(31)),
            storage.integer("query_rows_max", 1_000, 1, 100_000),
            storage.integer("query_series_max", 50_000, 1, 1_000_000),
            storage.integer("query_samples_max", 50_000_000, 1, 1_000_000_000),
            storage.integer("tails_max", 32, 1, 1_000)));
  }

  private static List<PostgresSettings> queryPostgres(Section storage, PostgresSettings postgres) {
    String text = storage.string("query_from", "");
    if (text.isEmpty()) {
      return List.of(postgres);
    }
    Map<String, PostgresSettings> byAddress = new LinkedHashMap<>();
    for (String item : text.split(",", -1)) {
      Matcher address = ADDRESS.matcher(item.strip());
      if (!address.matches() || Integer.parseInt(address.group(2)) > 65_535) {
        storage.problem("query_from", text, "host:port/database, several separated by commas");
        return List.of(postgres);
      }
      PostgresSettings settings =
          postgres.at(address.group(1), Integer.parseInt(address.group(2)), address.group(3));
      if (byAddress.put(settings.address(), settings) != null) {
        storage.problem("query_from", text, "each database once");
      }
    }
    if (byAddress.size() > DATABASES_MAX) {
      storage.problem("query_from", text, "at most " + DATABASES_MAX + " databases");
    }
    return List.copyOf(byAddress.values());
  }

  private static Duration retention(Section storage, String key, int days) {
    Duration retention = storage.duration(key, Duration.ofDays(days));
    if (retention.compareTo(DAY) < 0) {
      storage.problem(key, retention.toMinutes() + "m", "1d or more");
    }
    return retention;
  }
}
