package dev.tocsin.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an {@link EmbeddedPostgres} is started with. {@link #in} gives every default.
 *
 * @param dataDirectory holds the cluster, its password and the lock; created when missing
 * @param binariesDirectory cache of unpacked binaries, shared by all clusters of this user
 * @param logFile the server's output; rolled once to {@code <name>.1} at 8 MiB
 * @param port TCP port on 127.0.0.1; 0 picks a free one at the first start
 * @param settings server settings ({@code postgresql.conf} names) over our defaults
 * @param startLimit how long a start may take, crash recovery included
 * @param stopLimit how long a fast shutdown may take before it is forced
 * @param progress told about each stage
 */
public record PostgresOptions(
    Path dataDirectory,
    Path binariesDirectory,
    Path logFile,
    int port,
    Map<String, String> settings,
    Duration startLimit,
    Duration stopLimit,
    StartProgress progress) {

  public PostgresOptions {
    Ports.requireValid("PostgreSQL port", port);
    settings = Map.copyOf(settings);
  }

  /** The defaults for a data directory; the log goes beside it, to {@code ../logs/postgres.log}. */
  public static PostgresOptions in(Path dataDirectory) {
    Path directory = dataDirectory.toAbsolutePath().normalize();
    return new PostgresOptions(
        directory,
        UserCache.directory(),
        directory.resolveSibling("logs").resolve("postgres.log"),
        0,
        Map.of(),
        Duration.ofMinutes(3),
        Duration.ofSeconds(20),
        StartProgress.silent());
  }

  public PostgresOptions withBinariesDirectory(Path value) {
    return new PostgresOptions(
        dataDirectory, value, logFile, port, settings, startLimit, stopLimit, progress);
  }

  public PostgresOptions withLogFile(Path value) {
    return new PostgresOptions(
        dataDirectory, binariesDirectory, value, port, settings, startLimit, stopLimit, progress);
  }

  public PostgresOptions withPort(int value) {
    return new PostgresOptions(
        dataDirectory,
        binariesDirectory,
        logFile,
        value,
        settings,
        startLimit,
        stopLimit,
        progress);
  }

  /** Adds or replaces one setting, for example {@code shared_buffers}, {@code 256MB}. */
  public PostgresOptions withSetting(String name, String value) {
    Map<String, String> more = new TreeMap<>(settings);
    more.put(name, value);
    return new PostgresOptions(
        dataDirectory, binariesDirectory, logFile, port, more, startLimit, stopLimit, progress);
  }

  public PostgresOptions withStartLimit(Duration value) {
    return new PostgresOptions(
        dataDirectory, binariesDirectory, logFile, port, settings, value, stopLimit, progress);
  }

  public PostgresOptions withStopLimit(Duration value) {
    return new PostgresOptions(
        dataDirectory, binariesDirectory, logFile, port, settings, startLimit, value, progress);
  }

  public PostgresOptions withProgress(StartProgress value) {
    return new PostgresOptions(
        dataDirectory, binariesDirectory, logFile, port, settings, startLimit, stopLimit, value);
  }
}
