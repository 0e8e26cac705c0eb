package dev.tocsin.app.demo;

import dev.tocsin.common.runtime.Component;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The demo shop as a running thing: visitors come at random, and at times it is broken. */
public final class DemoTraffic implements Component {
  private static final double PAUSE_MAX_S = 2;

  private final Vertx vertx;
  private final InstantSource clock;
  private final DemoOptions options;
  private final String endpoint;
  private final Consumer<Optional<Fault>> faultListener;
  private final Random random = new Random();
  private final ShopScenario scenario = new ShopScenario(random);
  private Optional<Fault> fault = Optional.empty();
  private Instant opened = Instant.MAX;
  private @Nullable ShopTelemetry telemetry;
  private @Nullable ShopPlayer player;
  private volatile boolean stopped;

  /**
   * @param endpoint of OTLP over HTTP, such as {@code http://127.0.0.1:4318}
   * @param faultListener told when a fault begins, and with empty when it is over
   */
  public DemoTraffic(
      Vertx vertx,
      InstantSource clock,
      DemoOptions options,
      String endpoint,
      Consumer<Optional<Fault>> faultListener) {
    this.vertx = vertx;
    this.clock = clock;
    this.options = options;
    this.endpoint = endpoint;
    this.faultListener = faultListener;
  }

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public Future<Void> start() {
    // Building six SDKs loads a few hundred classes: not on the event loop.
    return vertx
        .executeBlocking(this::connect)
        .map(
            ready -> {
              player = ready;
              opened = clock.instant();
              vertx.runOnContext(v -> awaitVisitor());
              return null;
            });
  }

  private ShopPlayer connect() {
    telemetry =
        new ShopTelemetry(
            OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").build(),
            OtlpHttpMetricExporter.builder().setEndpoint(endpoint + "/v1/metrics").build(),
            OtlpHttpLogRecordExporter.builder().setEndpoint(endpoint + "/v1/logs").build(),
            options.exportInterval());
    return new ShopPlayer(telemetry);
  }

  private void awaitVisitor() {
    double pauseS = -Math.log(1 - random.nextDouble()) / options.visitsPerSecond();
    long pauseMs = Math.max(1, Math.round(Math.min(pauseS, PAUSE_MAX_S) * 1_000));
    vertx.setTimer(pauseMs, timer -> visit());
  }

  private void visit() {
    ShopPlayer now = player;
    if (stopped || now == null) {
      return;
    }
    Instant instant = clock.instant();
    Optional<Fault> due = options.faults().at(Duration.between(opened, instant));
    if (!due.equals(fault)) {
      fault = due;
      faultListener.accept(due);
    }
    now.play(scenario.next(fault), instant);
    awaitVisitor();
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    // Flushing waits for answers, within a bound of its own.
    return vertx.executeBlocking(
        () -> {
          ShopTelemetry open = telemetry;
          if (open != null) {
            open.close();
          }
          return null;
        });
  }
}
