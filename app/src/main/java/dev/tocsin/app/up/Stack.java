package dev.tocsin.app.up;

import dev.tocsin.app.demo.DemoTraffic;
import dev.tocsin.app.demo.Fault;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.IncidentEvent;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.runtime.VertxFactory;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.embedded.KafkaOptions;
import dev.tocsin.embedded.PostgresOptions;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Everything {@code tocsin up} runs, in the order it starts; it stops in reverse. */
final class Stack {
  private final Plan plan;
  private final Terminal terminal;
  private final InstantSource clock = InstantSource.system();
  private final Map<String, PrometheusMeterRegistry> registries = new ConcurrentHashMap<>();
  private final Vertx vertx;
  private final Backend<EmbeddedKafka> kafka;
  private final Backend<EmbeddedPostgres> postgres;
  private final ComponentGroup group;
  private volatile @Nullable Suite suite;

  Stack(Plan plan, Terminal terminal) {
    this.plan = plan;
    this.terminal = terminal;
    this.vertx = VertxFactory.create(registry("ingest-service"));
    this.kafka = Backend.kafka(vertx, this::startKafka);
    this.postgres = Backend.postgres(vertx, this::startPostgres);
    this.group =
        new ComponentGroup(
            "up",
            List.of(
                new Together("backends", List.of(kafka, postgres)),
                new Deferred("services", this::services),
                new Deferred("incident-watch", this::incidentWatch),
                new Deferred("demo", this::demo)));
  }

  Future<Void> start() {
    return group.start();
  }

  /** Ends everything, Vert.x too. */
  Future<Void> stop() {
    return group.stop().eventually(vertx::close);
  }

  /** The addresses of the services that were started. */
  Map<String, String> endpoints() {
    Suite started = suite;
    return started == null ? Map.of() : started.endpoints();
  }

  private EmbeddedKafka startKafka() {
    EmbeddedKafka started =
        EmbeddedKafka.start(
            KafkaOptions.in(plan.home().kafka())
                .withPort(plan.ports().port("app.kafka_port"))
                .withControllerPort(plan.ports().port("app.kafka_controller_port"))
                .withHeapMegabytesMax(plan.config().kafkaHeapMegabytesMax())
                .withProgress(terminal::stage));
    terminal.stage("Kafka is ready");
    return started;
  }

  private EmbeddedPostgres startPostgres() {
    EmbeddedPostgres started =
        EmbeddedPostgres.start(
            PostgresOptions.in(plan.home().postgres())
                .withPort(plan.ports().port("app.postgres_port"))
                .withSetting("shared_buffers", plan.config().postgresSharedBuffers())
                .withProgress(terminal::stage));
    terminal.stage("PostgreSQL " + started.version() + " is ready");
    return started;
  }

  private Component services() {
    terminal.stage("starting the services");
    Suite created = Suite.create(settings(), this::context);
    suite = created;
    return created.component();
  }

  private Settings settings() {
    EmbeddedPostgres server = postgres.server().get();
    return plan.settings(
        Map.of(
            "postgres.database", server.database(),
            "postgres.user", server.user(),
            "postgres.password", server.password()));
  }

  private Component incidentWatch() {
    KafkaSettings settings = KafkaSettings.from(settings());
    IncidentWatch watch = new IncidentWatch(this::tell);
    PrometheusMeterRegistry metrics = registry("incident-service");
    return new ComponentGroup(
        "incident-watch",
        List.of(
            new KafkaTopics(vertx, settings, List.of(Topic.INCIDENTS)),
            RecordLoop.create(
                "incident-watch",
                settings,
                Map.of("fetch.max.wait.ms", "2000"),
                PartitionChoice.all(List.of(Topic.INCIDENTS.name())),
                () -> watch,
                Aside.counting(metrics),
                metrics)));
  }

  private void tell(IncidentEvent event) {
    String style =
        switch (event.status()) {
          case "resolved" -> "bold,green";
          case "acknowledged" -> "bold,yellow";
          default -> "bold,red";
        };
    String head = "incident #" + event.incidentId() + " " + event.transition();
    terminal.event(
        style, head, event.title() + " (" + event.severity() + ", by " + event.actor() + ")");
  }

  private Component demo() {
    if (!plan.demo()) {
      return new Together("no-demo", List.of());
    }
    String endpoint = "http://127.0.0.1:" + plan.ports().port("ingest.http_port");
    return new DemoTraffic(vertx, clock, plan.config().demo(), endpoint, this::tell);
  }

  private void tell(Optional<Fault> fault) {
    fault.ifPresentOrElse(
        begun -> terminal.event("bold", "demo fault", begun.description()),
        () -> terminal.event("bold", "demo fault", "over: the shop works again"));
  }

  private ServiceContext context(String service) {
    return new ServiceContext(vertx, registry(service), clock);
  }

  private PrometheusMeterRegistry registry(String service) {
    return registries.computeIfAbsent(service.toLowerCase(Locale.ROOT), ProcessMetrics::registry);
  }
}
