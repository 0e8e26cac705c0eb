package dev.tocsin.storage;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import dev.tocsin.testkit.WebSocketTexts;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A storage-service on real backends with topics and a database of its own. */
final class StorageRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final StorageService.Topics topics;
  final PostgresServer postgres;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> settings = new HashMap<>();
  private final List<StorageService> services = new ArrayList<>();
  private final String kafka;
  private final int partitions;
  private KafkaProducer<byte[], byte[]> producer;

  StorageRig(String name, PostgresServer postgres, int partitions) throws Exception {
    this(postgres, partitions, topics(name));
  }

  static StorageService.Topics topics(String name) {
    return new StorageService.Topics(
        new Topic(Backends.uniqueName(name + "-spans"), true, false),
        new Topic(Backends.uniqueName(name + "-logs"), true, false),
        new Topic(Backends.uniqueName(name + "-metrics"), true, false),
        new Topic(Backends.uniqueName(name + "-derived"), true, false));
  }

  StorageRig(PostgresServer postgres, int partitions, StorageService.Topics topics)
      throws Exception {
    this(Backends.kafka(), postgres, partitions, topics);
  }

  /** On another Kafka than the shared one. */
  StorageRig(String kafka, PostgresServer postgres, int partitions, StorageService.Topics topics)
      throws Exception {
    this.kafka = kafka;
    this.postgres = postgres;
    this.partitions = partitions;
    this.topics = topics;
    settings.put("kafka.bootstrap_servers", kafka);
    settings.put("kafka.partitions", Integer.toString(partitions));
    settings.put("postgres.host", postgres.host());
    settings.put("postgres.port", Integer.toString(postgres.port()));
    settings.put("postgres.user", postgres.user());
    settings.put("postgres.password", postgres.password());
    settings.put("postgres.database", postgres.database());
    settings.put("postgres.pool_size", "6");
    settings.put("postgres.connect_timeout", "2s");
    settings.put("storage.port", "0");
    settings.put("storage.flush_interval", "100ms");
    settings.put("storage.flush_interval_metrics", "100ms");
    createTopics();
    producer = producer();
  }

  private KafkaProducer<byte[], byte[]> producer() {
    var serializer = new ByteArraySerializer();
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka, "acks", "all"), serializer, serializer);
  }

  /** A sender that knows nothing of what was sent before, after Kafka has lost it. */
  void sendAnew() {
    producer.close(Duration.ZERO);
    producer = producer();
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka));
  }

  NewTopic describe(Topic topic) {
    return new NewTopic(topic.name(), partitions, (short) 1);
  }

  private void createTopics() throws Exception {
    List<NewTopic> missing =
        topics.all().stream()
            .filter(topic -> !topic.equals(Topic.DEAD_LETTER))
            .map(this::describe)
            .toList();
    try (Admin admin = admin()) {
      admin.createTopics(missing).all().get(30, TimeUnit.SECONDS);
    }
  }

  StorageRig with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  StorageService start() throws Exception {
    PrometheusMeterRegistry registry = ProcessMetrics.registry("storage-service");
    StorageService service =
        StorageService.create(
            StorageConfig.from(Settings.of(settings)),
            new ServiceContext(vertx, registry, InstantSource.system()),
            topics);
    services.add(service);
    wait(service.start());
    return service;
  }

  void stop(StorageService service) throws Exception {
    services.remove(service);
    wait(service.stop());
  }

  static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** Sends one record and waits until Kafka has it. */
  void send(Topic topic, int partition, Message value) throws Exception {
    send(topic, partition, value.toByteArray());
  }

  void send(Topic topic, int partition, byte[] value) throws Exception {
    producer
        .send(new ProducerRecord<>(topic.name(), partition, null, value))
        .get(30, TimeUnit.SECONDS);
  }

  HttpResponse<String> get(StorageService service, String path) {
    try {
      String base = service.endpoints().values().iterator().next().replace("/api/v1", "");
      return http.send(
          HttpRequest.newBuilder(URI.create(base + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(path + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  CompletableFuture<HttpResponse<String>> getAsync(StorageService service, String path) {
    String base = service.endpoints().values().iterator().next().replace("/api/v1", "");
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create(base + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Posts a form. */
  HttpResponse<String> post(StorageService service, String path, String form) {
    try {
      String base = service.endpoints().values().iterator().next().replace("/api/v1", "");
      return http.send(
          HttpRequest.newBuilder(URI.create(base + path))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString(form))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(path + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  JsonObject json(StorageService service, String path) {
    HttpResponse<String> response = get(service, path);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return new JsonObject(response.body());
  }

  /** Opens a WebSocket and passes on the texts of its messages, on one thread at a time. */
  Closeable tail(StorageService service, String path, Consumer<String> messages) {
    String base = service.endpoints().values().iterator().next().replace("/api/v1", "");
    WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(
                URI.create(base.replace("http:", "ws:") + path), new WebSocketTexts(messages))
            .join();
    return socket::abort;
  }

  /** One number from the database. */
  long number(String sql) {
    return number(postgres, sql);
  }

  static long number(PostgresServer postgres, String sql) {
    try (Connection connection = Backends.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  /** Items stored, by the segments' own counts. */
  void awaitItems(String table, long count) {
    awaitNumber("select coalesce(sum(n), 0) from telemetry." + table, count);
  }

  void awaitNumber(String sql, long expected) {
    await().atMost(PATIENCE).ignoreExceptions().until(() -> number(sql) == expected);
  }

  /** The id of every stored span, in hexadecimal, as often as it is stored. */
  List<String> storedSpanIds() throws SQLException {
    return storedSpans().stream()
        .map(span -> HexFormat.of().formatHex(span.getSpanId().toByteArray()))
        .toList();
  }

  /** Every span, as often as it is stored. */
  List<Span> storedSpans() throws SQLException {
    List<Span> spans = new ArrayList<>();
    try (Connection connection = Backends.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select fmt, core, ids, attrs, events from telemetry.span_seg")) {
      while (rows.next()) {
        SpanSegment segment =
            new SpanSegment(
                rows.getInt(1),
                rows.getBytes(2),
                rows.getBytes(3),
                rows.getBytes(4),
                rows.getBytes(5));
        for (int row = 0; row < segment.count(); row++) {
          spans.add(segment.span(row));
        }
      }
    }
    return spans;
  }

  /** Every log record, as often as it is stored. */
  List<LogRecord> storedLogs() throws SQLException {
    List<LogRecord> records = new ArrayList<>();
    try (Connection connection = Backends.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select fmt, meta, body, attrs from telemetry.log_seg")) {
      while (rows.next()) {
        LogSegment segment =
            new LogSegment(rows.getInt(1), rows.getBytes(2), rows.getBytes(3), rows.getBytes(4));
        for (int row = 0; row < segment.count(); row++) {
          records.add(segment.log(row));
        }
      }
    }
    return records;
  }

  /** An instance in a process of its own. */
  StorageChild startProcess(Path log) throws IOException {
    return startProcess(log, "256m");
  }

  /** The same with a heap of a given size. */
  StorageChild startProcess(Path log, String heap) throws IOException {
    return StorageChild.start(settings, topics, log, heap);
  }

  @Override
  public void close() {
    for (StorageService service : List.copyOf(services)) {
      service.stop().toCompletionStage().toCompletableFuture().join();
    }
    producer.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
