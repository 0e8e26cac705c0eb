package dev.tocsin.ingest.service;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.http.TlsReloader;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.RequestMetrics;
import dev.tocsin.ingest.access.Keys;
import dev.tocsin.ingest.http.HttpTransport;
import dev.tocsin.ingest.limits.StorageLimits;
import dev.tocsin.ingest.limits.StorageLimitsTopic;
import dev.tocsin.ingest.listen.Connections;
import dev.tocsin.ingest.listen.ListenAddress;
import dev.tocsin.ingest.listen.Listeners;
import dev.tocsin.ingest.process.ItemProcessor;
import dev.tocsin.ingest.publish.KafkaSink;
import dev.tocsin.ingest.receive.Admission;
import dev.tocsin.ingest.receive.Intake;
import dev.tocsin.ingest.receive.Receiver;
import dev.tocsin.ingest.receive.ReceiverVerticle;
import dev.tocsin.ingest.receive.Rejections;
import dev.tocsin.ingest.receive.UnstorableWatch;
import dev.tocsin.otlp.wire.Signal;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The composition root: which pieces there are and in which order they start. */
public final class IngestService implements Service {
  private static final List<Topic> TOPICS =
      Arrays.stream(Signal.values()).map(Signal::topic).toList();

  private static final int REJECTIONS_PER_KEY = 100;
  private static final int REJECTION_KEYS_MAX = 200;

  private final ComponentGroup group;
  private final ServiceHttp admin;
  private final Receiver grpc;
  private final Receiver http;

  private IngestService(IngestConfig config, ServiceContext context, Topic limitsTopic) {
    Vertx vertx = context.vertx();
    MeterRegistry metrics = context.metrics();
    RequestMetrics requests = new RequestMetrics(metrics);
    RecordProducer producer =
        new RecordProducer(vertx, config.kafka(), TOPICS, producerTuning(config));
    Admission admission =
        new Admission(
            config.inFlightBytesMax(), config.shareBytesMax(), config.drainTimeoutMs(), metrics);
    Rejections rejections = new Rejections(context.clock(), REJECTION_KEYS_MAX, REJECTIONS_PER_KEY);
    StorageLimits storageLimits = new StorageLimits(context.clock(), config.identifying());
    UnstorableWatch unstorable = new UnstorableWatch(context.clock());
    Keys keys = Keys.of(config.access(), config.kafka(), context, System::nanoTime);
    Intake intake =
        new Intake(
            vertx,
            config.requestLimits(),
            new ItemProcessor(config.processing(), metrics),
            keys.access(),
            admission,
            new KafkaSink(producer),
            requests,
            storageLimits,
            rejections,
            unstorable,
            metrics,
            System::nanoTime);
    admin = new ServiceHttp(context, config.admin(), this::group, rejections::addTo, requests);
    TlsReloader certificates = new TlsReloader(context, config.tls());
    Listeners listeners =
        new Listeners(
            new Connections(config.connections(), requests, metrics), config.tls(), certificates);
    // The content type decides, not the port: both take all of OTLP.
    ReceiverVerticle.Handlers transport =
        (own, from, inflater) ->
            new HttpTransport(own, from, inflater, config.corsOrigins(), config.corsMaxAgeMs());
    Function<ListenAddress, Receiver> receiverAt =
        endpoint ->
            new Receiver(vertx, endpoint, listeners, HttpTransport.options(), intake, transport);
    grpc = receiverAt.apply(ListenAddress.port("otlp-grpc", config.grpc()));
    http = receiverAt.apply(ListenAddress.port("otlp-http", config.http()));

    List<Component> parts = new ArrayList<>();
    parts.add(admin);
    parts.add(new KafkaTopics(vertx, config.kafka(), topics(config)));
    parts.add(producer);
    parts.add(certificates);
    parts.addAll(keys.parts());
    parts.add(new StorageLimitsTopic(vertx, config.kafka(), limitsTopic, storageLimits, metrics));
    parts.add(unstorable);
    parts.add(intake);
    parts.add(grpc);
    parts.add(http);
    config
        .grpcSocket()
        .ifPresent(
            path -> parts.add(receiverAt.apply(ListenAddress.socket("otlp-grpc-socket", path))));
    config
        .httpSocket()
        .ifPresent(
            path -> parts.add(receiverAt.apply(ListenAddress.socket("otlp-http-socket", path))));
    // Stopping goes backwards: admission drains first, while everything behind it still works.
    parts.add(admission);
    group = new ComponentGroup("ingest-service", parts);
  }

  private static List<Topic> topics(IngestConfig config) {
    List<Topic> all = new ArrayList<>(TOPICS);
    if (config.access().keysNeeded()) {
      all.add(Topic.ACCESS);
    }
    return all;
  }

  public static IngestService create(IngestConfig config, ServiceContext context) {
    return create(config, context, Topic.STORAGE_LIMITS);
  }

  /**
   * @param limitsTopic where storage says what it takes; tests that share a Kafka have their own
   */
  public static IngestService create(
      IngestConfig config, ServiceContext context, Topic limitsTopic) {
    return new IngestService(config, context, limitsTopic);
  }

  /**
   * Kafka's verdict comes before our own deadline: a request that is refused is then rarely in
   * Kafka after all.
   */
  private static Map<String, Object> producerTuning(IngestConfig config) {
    long deliveryTimeoutMs = config.requestTimeoutMs() * 9 / 10;
    long requestTimeoutMs = (deliveryTimeoutMs - config.lingerMs()) / 2;
    return Map.of(
        "linger.ms", Long.toString(config.lingerMs()),
        "batch.size", Integer.toString(512 << 10),
        "buffer.memory", Long.toString(config.kafkaBufferBytes()),
        "send.buffer.bytes", Integer.toString(1 << 20),
        "request.timeout.ms", Long.toString(requestTimeoutMs),
        "delivery.timeout.ms", Long.toString(deliveryTimeoutMs));
  }

  private ComponentGroup group() {
    return group;
  }

  @Override
  public Component parts() {
    return group;
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of(
        "OTLP gRPC", grpc.address(),
        "OTLP HTTP", http.scheme() + "://" + http.address(),
        "ingest admin", "http://" + admin.address());
  }
}
