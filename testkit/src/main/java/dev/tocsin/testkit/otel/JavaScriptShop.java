package dev.tocsin.testkit.otel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A small Node program with the OpenTelemetry JavaScript SDK; sends OTLP over HTTP/JSON. */
public final class JavaScriptShop {
  private static final List<String> FILES =
      List.of("package.json", "package-lock.json", "shop.mjs");
  private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration RUN_TIMEOUT = Duration.ofMinutes(1);

  private final Path directory;

  private JavaScriptShop(Path directory) {
    this.directory = directory;
  }

  /** Whether node and npm can be run; tests skip without. */
  public static boolean isPossible() {
    return canRun("node") && canRun("npm");
  }

  private static boolean canRun(String program) {
    try {
      Process process =
          new ProcessBuilder(program, "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Unpacks the program and its locked dependencies, without running any script of theirs.
   *
   * @param directory under {@code target}; created
   */
  public static JavaScriptShop install(Path directory) {
    try {
      Files.createDirectories(directory);
      for (String file : FILES) {
        try (InputStream in = JavaScriptShop.class.getResourceAsStream("js/" + file)) {
          Files.copy(in, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ChildProgram.run(
        List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"),
        directory,
        Map.of(),
        INSTALL_TIMEOUT);
    return new JavaScriptShop(directory);
  }

  /**
   * Sends one trace of two spans, a counter and a log record; when this returns the receiver has
   * taken them.
   *
   * @param endpoint of the OTLP receiver, a URL without path
   * @return what was sent, as JSON: {@code spans} with ids, names, attribute keys, events
   */
  public String run(String service, String endpoint) {
    List<String> lines =
        ChildProgram.run(
            List.of("node", "shop.mjs"),
            directory,
            Map.of("OTEL_SERVICE_NAME", service, "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            RUN_TIMEOUT);
    return lines.get(lines.size() - 1);
  }
}
