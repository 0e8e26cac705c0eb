package dev.tocsin.ingest.service;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.http.Listen;
import dev.tocsin.common.http.TlsSettings;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.ingest.access.AccessConfig;
import dev.tocsin.ingest.listen.ConnectionLimits;
import dev.tocsin.ingest.process.ProcessingConfig;
import dev.tocsin.ingest.receive.RequestLimits;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Section {@code [ingest]}; docs/configuration.md says what each key does.
 *
 * @param identifying attributes that series are named by
 * @param requestBytesMax of a request, as sent and again when inflated
 * @param inFlightBytesMax of all requests together, from the first byte to Kafka's answer
 */
public record IngestConfig(
    KafkaSettings kafka,
    IdentifyingAttributes identifying,
    Listen grpc,
    Listen http,
    Listen admin,
    Optional<Path> grpcSocket,
    Optional<Path> httpSocket,
    TlsSettings tls,
    AccessConfig access,
    ConnectionLimits connections,
    int requestBytesMax,
    int inflationRatioMax,
    long inFlightBytesMax,
    long requestTimeoutMs,
    long retryDelayMs,
    long drainTimeoutMs,
    long lingerMs,
    long kafkaBufferBytes,
    List<String> corsOrigins,
    long corsMaxAgeMs,
    ProcessingConfig processing) {

  private static final long REQUEST_BYTES_LIMIT = 1L << 30;
  private static final long RECORD_TIMEOUT_MS_MIN = 1_000;

  /** Reads the section; problems are noted in the settings. */
  public static IngestConfig from(Settings settings) {
    Section ingest = settings.section("ingest");
    TlsSettings tls = TlsSettings.from(ingest.table("tls"));
    AccessConfig access = AccessConfig.from(ingest);
    boolean asks = access.keysNeeded() || tls.clientsAuthenticate();
    IngestConfig config =
        new IngestConfig(
            KafkaSettings.from(settings),
            IdentifyingAttributes.from(settings),
            Listen.from(settings, "ingest", "grpc_port", 4317, asks),
            Listen.from(settings, "ingest", "http_port", 4318, asks),
            admin(settings, ingest, asks),
            ingest.string("grpc_socket").map(Path::of),
            ingest.string("http_socket").map(Path::of),
            tls,
            access,
            ConnectionLimits.from(ingest),
            requestBytesMax(ingest),
            ingest.integer("inflation_ratio_max", 200, 1, 2_000),
            ingest.bytes("in_flight_size_max", 128L << 20),
            ingest.duration("request_timeout", Duration.ofSeconds(8)).toMillis(),
            ingest.duration("retry_delay", Duration.ofSeconds(1)).toMillis(),
            ingest.duration("drain_timeout", Duration.ofSeconds(10)).toMillis(),
            ingest.duration("kafka_linger", Duration.ofMillis(5)).toMillis(),
            ingest.bytes("kafka_buffer_size", 128L << 20),
            ingest.strings("cors_origins", List.of()),
            ingest.duration("cors_max_age", Duration.ofHours(2)).toMillis(),
            ProcessingConfig.from(ingest));
    config.check(ingest);
    return config;
  }

  /** Shows counts and rejections to whoever asks, so it needs trust even where OTLP does not. */
  private static Listen admin(Settings settings, Section ingest, boolean othersAsk) {
    String host = ingest.string("admin_host").orElse(ingest.string("host", "127.0.0.1"));
    Listen listen = new Listen(host, ingest.port("admin_port", 8081), Listen.Names.from(settings));
    if (othersAsk || ingest.string("admin_host").isPresent()) {
      listen.requireTrust(settings, "ingest", "admin_host", false);
    }
    return listen;
  }

  private static int requestBytesMax(Section ingest) {
    long bytes = ingest.bytes("request_size_max", 64L << 20);
    if (bytes < 1 || bytes > REQUEST_BYTES_LIMIT) {
      ingest.problem("request_size_max", Long.toString(bytes), "1-" + REQUEST_BYTES_LIMIT);
    }
    return (int) Math.min(bytes, REQUEST_BYTES_LIMIT);
  }

  RequestLimits requestLimits() {
    return new RequestLimits(requestBytesMax, inflationRatioMax, requestTimeoutMs, retryDelayMs);
  }

  /** What one key may hold of the bytes in flight; without keys nobody can be told apart. */
  long shareBytesMax() {
    return access.keysNeeded()
        ? inFlightBytesMax * access.inFlightShareMax() / 100
        : inFlightBytesMax;
  }

  private void check(Section ingest) {
    if (inFlightBytesMax < 2L * requestBytesMax) {
      ingest.problem(
          "in_flight_size_max",
          Long.toString(inFlightBytesMax),
          "at least twice request_size_max, for a request as sent and inflated: "
              + 2L * requestBytesMax);
    }
    if (kafkaBufferBytes < requestBytesMax + Topic.MESSAGE_BYTES_MAX) {
      ingest.problem(
          "kafka_buffer_size",
          Long.toString(kafkaBufferBytes),
          "at least request_size_max and a record of 16 MiB: "
              + (requestBytesMax + Topic.MESSAGE_BYTES_MAX));
    }
    if (requestTimeoutMs < RECORD_TIMEOUT_MS_MIN + 2 * lingerMs) {
      ingest.problem(
          "request_timeout",
          requestTimeoutMs + "ms",
          "at least 1s and twice kafka_linger: " + (RECORD_TIMEOUT_MS_MIN + 2 * lingerMs) + "ms");
    }
    if (retryDelayMs < 1) {
      ingest.problem("retry_delay", retryDelayMs + "ms", "at least 1ms");
    }
  }
}
