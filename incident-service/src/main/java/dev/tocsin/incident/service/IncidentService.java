package dev.tocsin.incident.service;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.http.OutboundGuard;
import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.incident.consume.AlertConsumer;
import dev.tocsin.incident.dispatch.Dispatch;
import dev.tocsin.incident.http.IncidentApi;
import dev.tocsin.incident.notify.kafka.Transitions;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Lifecycle;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.postgres.IncidentDatabase;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Alerts to incidents to escalation to notifications: the composition root. */
public final class IncidentService implements Service {
  private final ServiceHttp http;
  private final ComponentGroup group;

  private IncidentService(ServiceHttp http, ComponentGroup group) {
    this.http = http;
    this.group = group;
  }

  public static IncidentService create(IncidentConfig config, ServiceContext context) {
    Channels channels = Channels.open(config, context);
    IncidentDatabase database = IncidentDatabase.create(context.vertx(), config.postgres());
    IncidentDatabase.Stores stores = database.stores(config.policy(), channels.targets());
    IncidentStore store = stores.incidents();
    Lifecycle lifecycle = new Lifecycle(context.metrics());
    RecordProducer producer =
        new RecordProducer(
            context.vertx(), config.kafka(), List.of(Topic.INCIDENTS, Topic.DEAD_LETTER), Map.of());
    Dispatch dispatch =
        Dispatch.create(
            context,
            store,
            stores.alarms(),
            database.outbox(),
            lifecycle,
            new Dispatch.Limits(
                config.lease(),
                config.giveUpAfter(),
                config.eventIdsKept(),
                config.incidentsKept()),
            channels.channels(),
            Transitions.create(producer));
    DeadLetters deadLetters = new DeadLetters("incident", producer, context.metrics());
    IncidentApi api = new IncidentApi(database.reader(), store, lifecycle);
    List<ComponentGroup> self = new ArrayList<>();
    ServiceHttp http = new ServiceHttp(context, config.listen(), () -> self.get(0), api::routes);
    ComponentGroup group =
        new ComponentGroup(
            "incident-service",
            List.of(
                http,
                database.connections(),
                channels,
                dispatch.component(),
                database.wakeUps(dispatch::wake)),
            // Beside: people are paged, asked and answered while Kafka is away, at the start too.
            List.of(
                new KafkaTopics(
                    context.vertx(),
                    config.kafka(),
                    List.of(Topic.ALERTS, Topic.INCIDENTS, Topic.DEAD_LETTER)),
                producer,
                AlertConsumer.create(
                    config.kafka(),
                    stores.intake(),
                    store,
                    stores.alarms(),
                    deadLetters,
                    lifecycle,
                    context.metrics())));
    self.add(group);
    return new IncidentService(http, group);
  }

  /** The configured notifiers with their limits, and the connections they hold. */
  private record Channels(
      List<Dispatch.Channel> channels,
      Map<String, List<String>> targets,
      List<Supplier<Future<Void>>> closers)
      implements Component {
    private static final int SLACK_PER_MINUTE = 60;
    private static final int PAGERDUTY_PER_MINUTE = 120;
    private static final int EMAIL_PER_MINUTE = 120;
    private static final int BURST = 10;

    static Channels open(IncidentConfig config, ServiceContext context) {
      OutboundGuard guard = OutboundGuard.create(context.vertx(), config.allowHosts());
      OutboundHttp outbound =
          OutboundHttp.create(
              context.vertx(), guard, new HttpClientOptions(), config.sendTimeout());
      Channels open = new Channels(new ArrayList<>(), new HashMap<>(), new ArrayList<>());
      open.closers.add(outbound::close);
      config
          .slack()
          .ifPresent(
              slack ->
                  open.add(
                      slack.notifier(outbound, context.clock()), SLACK_PER_MINUTE, List.of("")));
      config
          .email()
          .ifPresent(
              email -> open.add(email.notifier(context.vertx()), EMAIL_PER_MINUTE, email.to()));
      config
          .pagerduty()
          .ifPresent(
              pagerduty ->
                  open.add(
                      pagerduty.notifier(outbound, context.clock()),
                      PAGERDUTY_PER_MINUTE,
                      List.of("")));
      return open;
    }

    private void add(Notifier notifier, int perMinute, List<String> where) {
      channels.add(new Dispatch.Channel(notifier, BURST, perMinute));
      targets.put(notifier.channel(), List.copyOf(where));
    }

    @Override
    public String name() {
      return "channels";
    }

    @Override
    public Future<Void> start() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
      return Future.join(closers.stream().map(Supplier::get).toList()).mapEmpty();
    }
  }

  @Override
  public Component parts() {
    return group;
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of("incident API", "http://" + http.address() + "/api/v1/incidents");
  }
}
