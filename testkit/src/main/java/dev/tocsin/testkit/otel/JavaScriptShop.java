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

/** A small Node program with the OpenTelemetry SDK for JavaScript. */
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
    return ChildProgram.canRun("node", "--version") && ChildProgram.canRun("npm", "--version");
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
   * Sends a trace of two spans, five metrics and a log record; when this returns the receiver has
   * taken them.
   *
   * @param protocol {@code grpc}, {@code http/json} or {@code http/protobuf}
   * @param endpoint of the OTLP receiver, a URL without path
   * @return in protobuf whatever the protocol
   */
  public SentRequests run(String service, String protocol, String endpoint) {
    return SentRequests.parse(
        ChildProgram.run(
            List.of("node", "shop.mjs"),
            directory,
            Map.of(
                "OTEL_SERVICE_NAME", service,
                "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
                "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            RUN_TIMEOUT));
  }
}
