package dev.tocsin.incident;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.postgres.IncidentDatabase;
import dev.tocsin.incident.service.IncidentConfig;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Instances of the service on a database of their own; alerts from before are skipped. */
final class IncidentFixture implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final Vertx vertx = Vertx.vertx();
  final PostgresServer database;
  private final Map<String, String> settings = new HashMap<>();
  private final List<IncidentService> services = new ArrayList<>();
  private final KafkaProducer<byte[], byte[]> producer =
      new KafkaProducer<>(
          Map.of(
              "bootstrap.servers",
              Backends.kafka(),
              "linger.ms",
              "0",
              "max.request.size",
              "16000000"),
          new ByteArraySerializer(),
          new ByteArraySerializer());

  IncidentFixture(PostgresServer database, Map<String, String> more) {
    this.database = database;
    settings.put("kafka.bootstrap_servers", Backends.kafka());
    settings.put("postgres.host", database.host());
    settings.put("postgres.port", Integer.toString(database.port()));
    settings.put("postgres.user", database.user());
    settings.put("postgres.password", database.password());
    settings.put("postgres.database", database.database());
    settings.put("postgres.connect_timeout", "2s");
    settings.put("postgres.pool_size", "8");
    settings.put("incident.port", "0");
    settings.put("outbound.allow_hosts", "127.0.0.1");
    settings.putAll(more);
    skipOldAlerts();
  }

  IncidentFixture with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  private Settings settings() {
    return Settings.of(settings);
  }

  /** Those that do not exist. */
  void makeTopics() {
    KafkaSettings kafka = KafkaSettings.from(settings());
    get(new KafkaTopics(vertx, kafka, List.of(Topic.ALERTS, Topic.DEAD_LETTER)).start());
  }

  private void skipOldAlerts() {
    makeTopics();
    IncidentDatabase schema = IncidentDatabase.create(vertx, PostgresSettings.from(settings()));
    get(schema.connections().start());
    AlertIntake intake = schema.stores(new EscalationPolicy(List.of()), Map.of()).intake();
    endOffsets(Topic.ALERTS)
        .forEach(
            (partition, end) -> {
              Resume.Point begin = new Resume.Point(end, Uuid.ZERO_UUID, 0);
              get(
                  intake.resume(
                      partition.partition(), Resume.Point.NONE, new Resume(begin, List.of())));
            });
    get(schema.connections().stop());
  }

  static Map<TopicPartition, Long> endOffsets(Topic topic) {
    try (var consumer = consumer()) {
      return consumer.endOffsets(
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(topic.name(), info.partition()))
              .toList());
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of("bootstrap.servers", Backends.kafka(), "auto.offset.reset", "earliest"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** Starts one more instance. */
  IncidentService start() {
    IncidentConfig config = IncidentConfig.from(settings());
    ServiceContext context =
        new ServiceContext(
            vertx, ProcessMetrics.registry("incident-service"), InstantSource.system());
    IncidentService service = IncidentService.create(config, context);
    services.add(service);
    get(service.start());
    return service;
  }

  /** Stops all instances in order. */
  void stopAll() {
    services.forEach(service -> get(service.stop()));
    services.clear();
  }

  void publish(AlertEvent event) {
    publish(event.fingerprint(), event.encode());
  }

  void publish(String key, byte[] value) {
    send(new ProducerRecord<>(Topic.ALERTS.name(), key.getBytes(UTF_8), value));
  }

  private void send(ProducerRecord<byte[], byte[]> message) {
    try {
      producer.send(message).get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** To every partition, as the owner of a rule group does. */
  void publish(AlertHeartbeat beat) {
    for (TopicPartition partition : endOffsets(Topic.ALERTS).keySet()) {
      send(new ProducerRecord<>(partition.topic(), partition.partition(), null, beat.encode()));
    }
  }

  /** Moves the database's clock that far from the real one and wakes the service. */
  void fastForward(Duration ahead) {
    Backends.execute(
        database,
        """
        create or replace function incident.current_instant() returns timestamptz
          language sql stable parallel safe
          as 'select clock_timestamp() + interval ''%d milliseconds''';
        select pg_notify('tocsin_incident', '')"""
            .formatted(ahead.toMillis()));
  }

  HttpResponse<String> send(IncidentService service, String path, String body) {
    URI uri = URI.create(service.endpoints().values().iterator().next()).resolve(path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20));
    if (body != null) {
      request
          .header("content-type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    try {
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  JsonObject json(String path) {
    return new JsonObject(send(services.get(0), path, null).body());
  }

  List<JsonObject> incidents() {
    JsonArray found = json("/api/v1/incidents").getJsonArray("incidents", new JsonArray());
    return found.stream().map(JsonObject.class::cast).toList();
  }

  JsonObject incident(long id) {
    return json("/api/v1/incidents/" + id);
  }

  List<JsonObject> notifications(long id) {
    return incident(id).getJsonArray("notifications").stream().map(JsonObject.class::cast).toList();
  }

  List<String> timeline(long id) {
    return incident(id).getJsonArray("timeline").stream()
        .map(entry -> ((JsonObject) entry).getString("kind"))
        .toList();
  }

  int act(long id, String action, String by) {
    String body = new JsonObject().put("by", by).put("comment", "on it").encode();
    String path = "/api/v1/incidents/" + id + "/" + action;
    return send(services.get(0), path, body).statusCode();
  }

  static <T> T get(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stopAll();
    producer.close();
    get(vertx.close());
  }
}
