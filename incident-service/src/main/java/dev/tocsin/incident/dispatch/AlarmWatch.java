package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.Lifecycle;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks every few seconds whether the sources of open alerts are still heard of, and whether every
 * incident has reached somebody. Health names every alarm about ourselves that nobody has resolved,
 * and who was not reached.
 */
final class AlarmWatch implements Component {
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final Alarms alarms;
  private final Lifecycle lifecycle;
  private final Pump pump;
  private volatile List<String> open = List.of();
  private volatile int silentGroups;
  private volatile List<String> unreached = List.of();

  AlarmWatch(Vertx vertx, Alarms alarms, Lifecycle lifecycle, MeterRegistry metrics) {
    this.alarms = alarms;
    this.lifecycle = lifecycle;
    this.pump = new Pump("alarms", vertx, EVERY, this::turn);
    Gauge.builder("tocsin.alarms.open", this, watch -> watch.open.size())
        .description("Unresolved incidents about paging itself")
        .register(metrics);
    Gauge.builder("tocsin.sources.silent", this, watch -> watch.silentGroups)
        .description("Rule groups of unresolved incidents that are not heard of")
        .register(metrics);
    Gauge.builder("tocsin.incidents.unreached", this, watch -> watch.unreached.size())
        .description("Triggered incidents whose last pages were all refused")
        .register(metrics);
  }

  @Override
  public String name() {
    return "alarms";
  }

  @Override
  public Future<Void> start() {
    return pump.start();
  }

  private Future<Duration> turn() {
    return alarms
        .watch()
        .map(
            found -> {
              found.changes().forEach(lifecycle::committed);
              open = found.open();
              silentGroups = found.silentGroups();
              unreached = found.unreached();
              return EVERY;
            });
  }

  @Override
  public Future<Void> stop() {
    return pump.stop();
  }

  @Override
  public Future<Health> check() {
    List<String> now = new ArrayList<>(open);
    now.addAll(unreached);
    Health alarmed = now.isEmpty() ? Health.healthy() : new Health.Degraded(List.copyOf(now));
    return pump.check().map(alarmed::and);
  }
}
