package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Lifecycle;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Fires timers when they are due, several at a time, and sleeps until the next one. */
final class TimerWorker implements Component {
  private static final int LANES = 4;
  private static final Duration SLEEP_MAX = Duration.ofSeconds(5);

  private final IncidentStore store;
  private final Lifecycle lifecycle;
  private final Timer lateness;
  private final List<Pump> lanes;

  TimerWorker(Vertx vertx, IncidentStore store, Lifecycle lifecycle, MeterRegistry metrics) {
    this.store = store;
    this.lifecycle = lifecycle;
    this.lateness =
        Timer.builder("tocsin.timer.lateness")
            .serviceLevelObjectives(
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(250),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60))
            .register(metrics);
    this.lanes =
        IntStream.range(0, LANES)
            .mapToObj(lane -> new Pump("timers-" + lane, vertx, SLEEP_MAX, this::turn))
            .toList();
  }

  @Override
  public String name() {
    return "timers";
  }

  @Override
  public Future<Void> start() {
    return Future.all(lanes.stream().map(Pump::start).toList()).mapEmpty();
  }

  void wake() {
    lanes.forEach(Pump::wake);
  }

  private Future<Duration> turn() {
    return store
        .fireTimer()
        .compose(
            fired -> {
              if (fired.isEmpty()) {
                return store.untilNextTimer().map(wait -> wait.orElse(SLEEP_MAX));
              }
              lateness.record(fired.get().lateness());
              lifecycle.committed(fired.get().change());
              return Future.succeededFuture(Duration.ZERO);
            });
  }

  @Override
  public Future<Void> stop() {
    return Future.join(lanes.stream().map(Pump::stop).toList()).mapEmpty();
  }

  @Override
  public Future<Health> check() {
    return new ComponentGroup("timers", lanes).check();
  }
}
