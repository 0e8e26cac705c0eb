package dev.tocsin.testkit.otel;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.context.Context;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@link ShopProgram} in a JVM of its own with the OpenTelemetry Java agent. */
public final class JavaAgentShop {
  /** Three orders, each placed, sent, received, asking the stock and answered by it. */
  public static final int SPANS = 15;

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private JavaAgentShop() {}

  /**
   * Runs the shop to its end; when this returns the agent has exported everything.
   *
   * @param agent the agent's jar
   * @param protocol {@code grpc} or {@code http/protobuf}
   * @param endpoint of the OTLP receiver, a URL without path
   * @return each batch of spans as the agent itself writes it, an OTLP/JSON request each: what must
   *     have arrived
   */
  public static List<String> run(
      Path agent, Path directory, String service, String protocol, String endpoint) {
    Map<String, String> environment = new HashMap<>();
    environment.put("OTEL_SERVICE_NAME", service);
    environment.put("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    environment.put("OTEL_TRACES_EXPORTER", "otlp,experimental-otlp/stdout");
    List<String> lines =
        ChildProgram.run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Xshare:auto",
                "-javaagent:" + agent.toAbsolutePath(),
                "-cp",
                classPath(),
                ShopProgram.class.getName()),
            directory,
            environment,
            TIMEOUT);
    return lines.stream().filter(line -> line.startsWith("{\"resourceSpans\"")).toList();
  }

  /** The test's own class path may be hidden in a manifest, so each piece is asked where it is. */
  private static String classPath() {
    return Stream.of(ShopProgram.class, Span.class, Context.class, ComponentLoader.class)
        .map(JavaAgentShop::location)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(type + " has no usable location", e);
    }
  }
}
