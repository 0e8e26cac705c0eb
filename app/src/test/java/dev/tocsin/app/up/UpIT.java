package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.app.running.RunningSuite;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tocsin up} from the table to the end, and again. */
final class UpIT {
  @TempDir private Path temp;

  @Test
  void up_answersATraceById_stopsInOrder_andRecovers() throws Exception {
    Path data = temp.resolve("my data");
    int offset = RunningUp.freeOffset();
    String first;
    try (RunningUp up = RunningUp.start(data, offset)) {
      assertThat(up.output())
          .contains("Tocsin is ready", "starting Kafka", up.url("console.port", ""))
          .contains("export OTEL_EXPORTER_OTLP_ENDPOINT=" + up.url("ingest.grpc_port", ""));
      // The warning is of a JVM without the launcher's options.
      assertThat(up.output().lines())
          .filteredOn(line -> !line.contains(data.toString()) && !line.contains("  warning  "))
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
      assertThat(RunningSuite.in(data).orElseThrow().addresses())
          .containsEntry("kafka", "127.0.0.1:" + up.port("app.kafka_port"));
      first = sendTrace(up, "first");
      assertKnown(up, first, "first");
      tailsLogsThroughTheConsole(up);
      assertSecretsAreKept(data);
      refusesASecondOwner(data);
      refusesTakenPorts(offset);
      up.interrupt();
      assertThat(up.awaitExit()).as(up.output()).isZero();
      up.awaitNoOrphan();
      assertThat(up.output()).contains("stopped in");
      assertThat(data.resolve("tocsin.running")).doesNotExist();
    }

    String second;
    RunningUp killed;
    try (RunningUp up = RunningUp.start(data, offset)) {
      assertKnown(up, first, "first");
      second = sendTrace(up, "second");
      assertKnown(up, second, "second");
      up.signal("KILL");
      assertThat(up.awaitExit()).isEqualTo(128 + 9);
      killed = up;
    }

    // At once, while Kafka and PostgreSQL of the killed one may still be stopping.
    try (RunningUp up = RunningUp.start(data, offset)) {
      killed.awaitNoOrphan();
      assertKnown(up, first, "first");
      assertKnown(up, second, "second");
    }
  }

  @Test
  void up_namesEveryProblemOfTheConfiguration_beforeAnythingStarts() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("bad.toml"),
            "[ingest]\ngrpc_prot = 4317\n[incident]\nescalation_timeout = \"soon\"\n");
    Path data = temp.resolve("data");
    try (RunningUp up = RunningUp.launch(data, 0, "--config", config.toString())) {
      assertThat(up.awaitExit()).isEqualTo(2);
      assertThat(up.output().lines())
          .containsExactlyInAnyOrder(
              "tocsin: unknown key ingest.grpc_prot (did you mean grpc_port?)",
              "tocsin: incident.escalation_timeout: soon (expected: a duration such as 250ms,"
                  + " 30s or 5m)");
      assertThat(data).doesNotExist();
    }
  }

  private static String sendTrace(RunningUp up, String name) {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(up.url("ingest.http_port", "/v1/traces"))
            .build();
    Resource resource =
        Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "up-it"));
    try (SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(resource)
            .addSpanProcessor(SimpleSpanProcessor.create(exporter))
            .build()) {
      Span span = provider.get("scope").spanBuilder(name).startSpan();
      span.setAttribute("order.id", 42);
      span.end();
      assertThat(provider.forceFlush().join(30, TimeUnit.SECONDS).isSuccess()).isTrue();
      return span.getSpanContext().getTraceId();
    }
  }

  /** By storage-service itself, and through the console. */
  private static void assertKnown(RunningUp up, String traceId, String name) throws Exception {
    JsonObject trace = up.awaitTrace(traceId, 1);
    assertThat(RunningUp.spans(trace).map(span -> span.getString("name"))).containsExactly(name);
    String proxied = up.get("console.port", "/api/v1/traces/" + traceId).body();
    assertThat(new JsonObject(proxied)).isEqualTo(trace);
  }

  /** Sent until seen: what is stored before the tail has begun it does not show. */
  private static void tailsLogsThroughTheConsole(RunningUp up) throws Exception {
    Queue<String> messages = new ConcurrentLinkedQueue<>();
    try (Closeable tail = up.tail("/api/v1/logs/tail?contains=seen", messages::add)) {
      assertThat(tail).isNotNull();
      String message =
          up.await(
              "a log record in the live tail",
              Duration.ofSeconds(30),
              () -> {
                up.sendLog("up-it", "to be seen");
                return Optional.ofNullable(messages.poll());
              });
      JsonObject log = new JsonObject(message).getJsonArray("logs").getJsonObject(0);
      assertThat(log.getString("text")).isEqualTo("to be seen");
      assertThat(log.getString("service")).isEqualTo("up-it");
    }
  }

  private static void assertSecretsAreKept(Path data) throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    Path password = data.resolve("postgres").resolve("password");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
        .isEqualTo("rw-------");
    String secret = Files.readString(password).strip();
    assertThat(secret).hasSizeGreaterThan(15);
    assertThat(Files.readString(data.resolve("logs").resolve("tocsin.log"))).doesNotContain(secret);
  }

  private static void refusesASecondOwner(Path data) throws Exception {
    try (RunningUp other = RunningUp.launch(data, RunningUp.freeOffset())) {
      assertThat(other.awaitExit()).isEqualTo(1);
      assertThat(other.output())
          .startsWith("tocsin: data directory " + data + " is in use by another tocsin (pid ")
          .doesNotContain("\tat ");
    }
  }

  private void refusesTakenPorts(int offset) throws Exception {
    try (RunningUp other = RunningUp.launch(temp.resolve("other"), offset)) {
      assertThat(other.awaitExit()).isEqualTo(1);
      assertThat(other.output())
          .contains("port " + (4317 + offset) + " for OTLP over gRPC is taken (ingest.grpc_port)")
          .contains("port " + (15_432 + offset) + " for PostgreSQL is taken (app.postgres_port)")
          .contains("--port-offset")
          .doesNotContain("\tat ");
    }
  }
}
