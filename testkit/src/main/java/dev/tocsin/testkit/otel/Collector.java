package dev.tocsin.testkit.otel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * An OpenTelemetry Collector as a child process, built on this machine with the Collector's own
 * builder: receivers {@code otlp} and {@code kafka}; exporters {@code otlp_grpc}, {@code
 * otlp_http}, {@code kafka}, {@code file}, {@code debug}; processors {@code batch}, {@code
 * memory_limiter}.
 */
public final class Collector implements AutoCloseable {
  private static final GoBuild BUILD =
      new GoBuild(
          "otelcol",
          List.of("manifest.yaml"),
          List.of(
              "run",
              "go.opentelemetry.io/collector/cmd/builder@v0.159.0",
              "--config",
              "manifest.yaml"),
          Path.of("otelcol", "otelcol"));
  private static final String READY = "Everything is ready";
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  /** Its own metrics would need a port. */
  private static final String BASE =
      """
      service:
        telemetry:
          metrics:
            level: none
      """;

  private final Process process;
  private final Path log;
  private final Thread killer;

  private Collector(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.killer = new Thread(process::destroyForcibly, "collector-kill");
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Builds it unless an earlier run has, starts it and returns when all its components run.
   *
   * @param directory for its configuration and its log; created
   * @param configuration as YAML
   * @throws TestAbortedException when this machine cannot build it: no Go, an old one, no modules
   * @throws AssertionError when it does not start, with its log
   */
  public static Collector start(Path directory, String configuration) {
    Path program = BUILD.program();
    try {
      Files.createDirectories(directory);
      Path base = Files.writeString(directory.resolve("base.yaml"), BASE);
      Path own = Files.writeString(directory.resolve("collector.yaml"), configuration);
      Path log = directory.resolve("collector.log");
      Process process =
          new ProcessBuilder(
                  program.toString(), "--config", "file:" + base, "--config", "file:" + own)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Collector collector = new Collector(process, log);
      collector.awaitReady();
      return collector;
    } catch (IOException e) {
      throw new UncheckedIOException(program + " cannot be run", e);
    }
  }

  private void awaitReady() {
    Instant end = Instant.now().plus(START_LIMIT);
    try {
      while (!log().contains(READY)) {
        if (process.waitFor(50, TimeUnit.MILLISECONDS) || Instant.now().isAfter(end)) {
          close();
          throw new AssertionError("the Collector did not start:\n" + log());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new IllegalStateException("interrupted while the Collector started", e);
    }
  }

  /** What it has said so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it; what it has received it exports first. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
