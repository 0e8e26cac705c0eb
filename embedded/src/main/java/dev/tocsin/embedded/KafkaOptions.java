package dev.tocsin.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an {@link EmbeddedKafka} is started with. {@link #in} gives every default.
 *
 * @param dataDirectory holds the log, the metadata and the lock; created when missing
 * @param cacheDirectory keeps the class archive that shortens later starts
 * @param logFile the broker's output; rolled once to {@code <name>.1} at 8 MiB
 * @param port TCP port for clients on 127.0.0.1; 0 picks a free one at the first start
 * @param controllerPort TCP port of the controller on 127.0.0.1; 0 picks a free one
 * @param heapMegabytesMax heap limit of the broker's JVM
 * @param properties broker properties over our defaults; listeners, advertised ones and their
 *     protocols come beside ours
 * @param startLimit how long a start may take, recovery after a crash included
 * @param stopLimit how long an orderly shutdown may take before it is forced
 * @param progress told about each stage
 */
public record KafkaOptions(
    Path dataDirectory,
    Path cacheDirectory,
    Path logFile,
    int port,
    int controllerPort,
    int heapMegabytesMax,
    Map<String, String> properties,
    Duration startLimit,
    Duration stopLimit,
    StartProgress progress) {
  private static final int HEAP_MEGABYTES_MIN = 96;

  public KafkaOptions {
    Ports.requireValid("Kafka port", port);
    Ports.requireValid("Kafka controller port", controllerPort);
    if (heapMegabytesMax < HEAP_MEGABYTES_MIN) {
      throw new EmbeddedException(
          "Kafka heap: %d MB (expected: at least %d MB)"
              .formatted(heapMegabytesMax, HEAP_MEGABYTES_MIN));
    }
    properties = Map.copyOf(properties);
  }

  /** The defaults for a data directory; the log goes beside it, to {@code ../logs/kafka.log}. */
  public static KafkaOptions in(Path dataDirectory) {
    Path directory = dataDirectory.toAbsolutePath().normalize();
    return new KafkaOptions(
        directory,
        UserCache.directory(),
        directory.resolveSibling("logs").resolve("kafka.log"),
        0,
        0,
        300,
        Map.of(),
        Duration.ofMinutes(3),
        Duration.ofSeconds(30),
        StartProgress.silent());
  }

  public KafkaOptions withCacheDirectory(Path value) {
    return new KafkaOptions(
        dataDirectory,
        value,
        logFile,
        port,
        controllerPort,
        heapMegabytesMax,
        properties,
        startLimit,
        stopLimit,
        progress);
  }

  public KafkaOptions withLogFile(Path value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        value,
        port,
        controllerPort,
        heapMegabytesMax,
        properties,
        startLimit,
        stopLimit,
        progress);
  }

  public KafkaOptions withPort(int value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        value,
        controllerPort,
        heapMegabytesMax,
        properties,
        startLimit,
        stopLimit,
        progress);
  }

  public KafkaOptions withControllerPort(int value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        port,
        value,
        heapMegabytesMax,
        properties,
        startLimit,
        stopLimit,
        progress);
  }

  public KafkaOptions withHeapMegabytesMax(int value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        port,
        controllerPort,
        value,
        properties,
        startLimit,
        stopLimit,
        progress);
  }

  /** Adds or replaces one broker property, for example {@code log.retention.ms}. */
  public KafkaOptions withProperty(String name, String value) {
    Map<String, String> more = new TreeMap<>(properties);
    more.put(name, value);
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        port,
        controllerPort,
        heapMegabytesMax,
        more,
        startLimit,
        stopLimit,
        progress);
  }

  public KafkaOptions withStartLimit(Duration value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        port,
        controllerPort,
        heapMegabytesMax,
        properties,
        value,
        stopLimit,
        progress);
  }

  public KafkaOptions withStopLimit(Duration value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        port,
        controllerPort,
        heapMegabytesMax,
        properties,
        startLimit,
        value,
        progress);
  }

  public KafkaOptions withProgress(StartProgress value) {
    return new KafkaOptions(
        dataDirectory,
        cacheDirectory,
        logFile,
        port,
        controllerPort,
        heapMegabytesMax,
        properties,
        startLimit,
        stopLimit,
        value);
  }
}
