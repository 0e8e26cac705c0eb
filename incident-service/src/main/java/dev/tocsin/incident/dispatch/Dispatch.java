package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.incident.domain.RetryPolicy;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Lifecycle;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outbox;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** All that works by itself, as one component, and the way to wake it. */
public final class Dispatch {
  private static final int IN_FLIGHT_MAX = 8;

  /**
   * A channel and how much it bears.
   *
   * @param burst messages at once
   * @param perMinute messages over time
   */
  public record Channel(Notifier notifier, int burst, int perMinute) {}

  /**
   * @param lease how long a notification may be under way before another attempt may begin; longer
   *     than any notifier's timeout
   */
  public record Limits(
      Duration lease, Duration giveUpAfter, Duration eventIdsKept, Duration incidentsKept) {}

  private final List<Dispatcher> dispatchers = new ArrayList<>();
  private final TimerWorker timers;
  private final ComponentGroup group;

  private Dispatch(
      ServiceContext context,
      IncidentStore store,
      Alarms alarms,
      Outbox outbox,
      Lifecycle lifecycle,
      Limits limits,
      List<Channel> channels,
      Notifier transitions) {
    RetryPolicy retries = new RetryPolicy(limits.giveUpAfter());
    InstantSource clock = new SteadyClock(context.clock());
    for (Channel channel : channels) {
      Notifier guarded =
          new RateLimitedNotifier(
              new CircuitBreakerNotifier(channel.notifier(), clock),
              channel.burst(),
              channel.perMinute(),
              clock);
      dispatchers.add(dispatcher(context, guarded, outbox, retries, limits, clock));
    }
    dispatchers.add(dispatcher(context, transitions, outbox, retries, limits, clock));
    timers = new TimerWorker(context.vertx(), store, lifecycle, context.metrics());
    AlarmWatch alarmWatch = new AlarmWatch(context.vertx(), alarms, lifecycle, context.metrics());
    Duration hour = Duration.ofHours(1);
    Pump janitor =
        new Pump(
            "janitor",
            context.vertx(),
            hour,
            () ->
                store
                    .forget(limits.eventIdsKept(), limits.incidentsKept())
                    .map(rows -> rows == 0 ? hour : Duration.ofSeconds(1)));
    List<Component> members = new ArrayList<>(dispatchers);
    members.add(timers);
    members.add(alarmWatch);
    members.add(janitor);
    group = new ComponentGroup("dispatch", members);
  }

  private static Dispatcher dispatcher(
      ServiceContext context,
      Notifier notifier,
      Outbox outbox,
      RetryPolicy retries,
      Limits limits,
      InstantSource clock) {
    return new Dispatcher(
        context.vertx(),
        notifier,
        outbox,
        retries,
        limits.lease(),
        IN_FLIGHT_MAX,
        clock,
        context.metrics());
  }

  /**
   * @param transitions the channel that tells the rest of the suite; not limited
   */
  public static Dispatch create(
      ServiceContext context,
      IncidentStore store,
      Alarms alarms,
      Outbox outbox,
      Lifecycle lifecycle,
      Limits limits,
      List<Channel> channels,
      Notifier transitions) {
    return new Dispatch(context, store, alarms, outbox, lifecycle, limits, channels, transitions);
  }

  public Component component() {
    return group;
  }

  /** Something may be due earlier than was known; from any thread. */
  public void wake() {
    timers.wake();
    dispatchers.forEach(Dispatcher::wake);
  }
}
