package dev.tocsin.storage.service;

import dev.tocsin.common.contract.StorageLimitsRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.http.StorageRoutes;
import dev.tocsin.storage.ports.SeriesCollisions;
import dev.tocsin.storage.write.consume.Consumers;
import dev.tocsin.storage.write.consume.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Stores telemetry from Kafka in PostgreSQL and answers queries about it. */
public final class StorageService implements Service {
  private static final int SOURCE_METRICS = 0;
  private static final int SOURCE_DERIVED = 1;

  private final ComponentGroup group;
  private final ServiceHttp http;

  private StorageService(ComponentGroup group, ServiceHttp http) {
    this.group = group;
    this.http = http;
  }

  /** Puts the service together; nothing is opened before {@link #start}. */
  public static StorageService create(StorageConfig config, ServiceContext context) {
    return create(
        config, context, new Topics(Topic.SPANS, Topic.LOGS, Topic.METRICS, Topic.DERIVED));
  }

  /**
   * The topics consumed, and the one that says what is taken; tests that share a Kafka have their
   * own.
   */
  public record Topics(Topic spans, Topic logs, Topic metrics, Topic derived, Topic limits) {
    /** Those, and the usual one for what is taken. */
    public Topics(Topic spans, Topic logs, Topic metrics, Topic derived) {
      this(spans, logs, metrics, derived, Topic.STORAGE_LIMITS);
    }

    /** Without which nothing is stored. */
    public List<Topic> all() {
      return List.of(spans, logs, metrics, derived, Topic.DEAD_LETTER);
    }
  }

  public static StorageService create(StorageConfig config, ServiceContext context, Topics topics) {
    PgStorage storage =
        new PgStorage(
            context,
            config.postgres(),
            config.queryPostgres(),
            config.retention(),
            config.merging(),
            config.query(),
            config.identifying());
    RecordProducer producer =
        new RecordProducer(context.vertx(), config.kafka(), List.of(Topic.DEAD_LETTER), Map.of());
    SeriesCollisions collisions = new SeriesCollisions(context.clock());
    Consumers consumers =
        new Consumers(
            context,
            config.kafka(),
            config.parts(),
            storage.segments(),
            new DeadLetters("storage", producer, context.metrics()),
            collisions,
            config.encodeThreads());
    StorageRoutes routes =
        new StorageRoutes(
            context,
            config.query(),
            new StorageRoutes.Readers(
                storage.traces(),
                storage.logs(),
                storage.metrics(),
                storage.services(),
                storage.spanAttributes(),
                storage.logAttributes(),
                collisions));
    // Queries are answered while Kafka is away, at the start too.
    List<Component> serving = new ArrayList<>();
    List<Component> storing = new ArrayList<>();
    // The group names itself in its own health: the supplier is asked only when a request comes.
    ComponentGroup[] whole = new ComponentGroup[1];
    ServiceHttp http = new ServiceHttp(context, config.listen(), () -> whole[0], routes::addTo);
    serving.add(http);
    serving.addAll(storage.components());
    storing.add(new KafkaTopics(context.vertx(), config.kafka(), topics.all()));
    storing.add(producer);
    storing.add(new CollisionNote(collisions, context.clock()));
    addConsumers(storing, consumers, config, context, topics);
    storing.add(new LimitsNotice(context.vertx(), config.kafka(), topics.limits(), limits(config)));
    ComponentGroup group = new ComponentGroup("storage-service", serving, storing);
    whole[0] = group;
    return new StorageService(group, http);
  }

  private static void addConsumers(
      List<Component> members,
      Consumers consumers,
      StorageConfig config,
      ServiceContext context,
      Topics topics) {
    PgStorage.Retention retention = config.retention();
    members.add(consumers.topicIds());
    members.add(
        consumers.spans(
            topics.spans(), window(config, context, retention.traces()), config.flush()));
    members.add(
        consumers.logs(topics.logs(), window(config, context, retention.logs()), config.flush()));
    Window window = window(config, context, retention.metrics());
    members.add(
        consumers.metrics(
            topics.metrics(),
            SOURCE_METRICS,
            window,
            config.metricsFlush(),
            config.identifying(),
            true));
    members.add(
        consumers.metrics(
            topics.derived(),
            SOURCE_DERIVED,
            window,
            config.metricsFlush(),
            config.identifying(),
            false));
  }

  private static StorageLimitsRecord limits(StorageConfig config) {
    PgStorage.Retention retention = config.retention();
    return new StorageLimitsRecord(
        retention.traces(),
        retention.logs(),
        retention.metrics(),
        config.futureMax(),
        Consumers.LABEL_CHARS_MAX,
        Consumers.METRIC_NAME_CHARS_MAX);
  }

  private static Window window(StorageConfig config, ServiceContext context, Duration kept) {
    return new Window(context.clock(), kept, config.futureMax());
  }

  @Override
  public Component parts() {
    return group;
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of("storage API", "http://" + http.address() + "/api/v1");
  }
}
