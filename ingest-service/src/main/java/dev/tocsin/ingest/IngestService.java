package dev.tocsin.ingest;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.otlp.Signal;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.RequestMetrics;
import dev.tocsin.ingest.grpc.GrpcTransport;
import dev.tocsin.ingest.http.HttpTransport;
import dev.tocsin.ingest.publish.KafkaSink;
import dev.tocsin.ingest.receive.Admission;
import dev.tocsin.ingest.receive.Intake;
import dev.tocsin.ingest.receive.Receiver;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The composition root: which pieces there are and in which order they start. */
public final class IngestService implements Service {
  private static final List<Topic> TOPICS =
      Arrays.stream(Signal.values()).map(Signal::topic).toList();

  private final ComponentGroup group;
  private final ServiceHttp admin;
  private final Receiver grpc;
  private final Receiver http;

  private IngestService(IngestConfig config, ServiceContext context) {
    Vertx vertx = context.vertx();
    RequestMetrics requests = new RequestMetrics(context.metrics());
    RecordProducer producer =
        new RecordProducer(vertx, config.kafka(), TOPICS, producerTuning(config));
    Admission admission =
        new Admission(config.inFlightBytesMax(), config.drainTimeoutMs(), context.metrics());
    Intake intake =
        new Intake(vertx, config, admission, new KafkaSink(producer), requests, context.metrics());
    admin = new ServiceHttp(context, config.admin(), this::group, router -> {}, requests);
    grpc =
        new Receiver(
            "otlp-grpc",
            vertx,
            config.grpc(),
            GrpcTransport.options(config),
            intake,
            HttpTransport::new);
    http =
        new Receiver(
            "otlp-http",
            vertx,
            config.http(),
            HttpTransport.options(config),
            intake,
            HttpTransport::new);
    // Stopping goes backwards: admission drains first, while everything behind it still works.
    group =
        new ComponentGroup(
            "ingest-service",
            List.of(
                admin,
                new KafkaTopics(vertx, config.kafka(), TOPICS),
                producer,
                intake,
                grpc,
                http,
                admission));
  }

  public static IngestService create(IngestConfig config, ServiceContext context) {
    return new IngestService(config, context);
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
        "OTLP gRPC", grpc.address().toString(),
        "OTLP HTTP", "http://" + http.address(),
        "ingest admin", "http://" + admin.address());
  }
}
