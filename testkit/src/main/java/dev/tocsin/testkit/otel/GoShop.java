package dev.tocsin.testkit.otel;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/** A small program with the OpenTelemetry SDK for Go. */
public final class GoShop {
  private static final GoBuild BUILD =
      new GoBuild(
          "goshop",
          List.of("go.mod", "go.sum", "main.go", "exporters.go"),
          List.of("build", "-trimpath", "-ldflags=-s -w", "-o", "shop", "."),
          Path.of("shop"));
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final Path program;

  private GoShop(Path program) {
    this.program = program;
  }

  /**
   * Builds it unless an earlier run has.
   *
   * @throws TestAbortedException when this machine cannot build it: no Go, an old one, no modules
   */
  public static GoShop build() {
    return new GoShop(BUILD.program());
  }

  /**
   * Sends a trace of two spans, five metrics and a log record; when this returns the receiver has
   * taken them.
   *
   * @param protocol {@code grpc} or {@code http/protobuf}
   * @param endpoint of the OTLP receiver, a URL without path
   */
  public SentRequests run(Path directory, String service, String protocol, String endpoint) {
    return SentRequests.parse(
        ChildProgram.run(
            List.of(program.toString()),
            directory,
            Map.of(
                "OTEL_SERVICE_NAME", service,
                "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
                "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            TIMEOUT));
  }
}
