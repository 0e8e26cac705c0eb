package dev.tocsin.storage.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.StorageLimitsRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.FailureText;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once, at the start, what this storage takes, for those who accept telemetry for it. It has a
 * topic and a producer of its own, so that storing does not wait where they cannot be had; {@link
 * #start} completes when it has been said.
 */
final class LimitsNotice implements Component {
  private static final Logger log = LoggerFactory.getLogger(LimitsNotice.class);
  private static final long RETRY_MS = 5_000;

  private final Vertx vertx;
  private final Topic topic;
  private final StorageLimitsRecord limits;
  private final KafkaTopics topics;
  private final RecordProducer producer;
  private volatile boolean stopped;
  private volatile String problem = "";

  LimitsNotice(Vertx vertx, KafkaSettings kafka, Topic topic, StorageLimitsRecord limits) {
    this.vertx = vertx;
    this.topic = topic;
    this.limits = limits;
    this.topics = new KafkaTopics(vertx, kafka, List.of(topic));
    this.producer = new RecordProducer(vertx, kafka, List.of(topic), Map.of());
  }

  @Override
  public String name() {
    return "storage-limits";
  }

  @Override
  public Future<Void> start() {
    return topics
        .start()
        .compose(there -> producer.start())
        .compose(ready -> publish())
        .compose(said -> producer.stop());
  }

  private Future<Void> publish() {
    if (stopped) {
      return Future.failedFuture("stopped before it was said what storage takes");
    }
    byte[] key = StorageLimitsRecord.KEY.getBytes(UTF_8);
    return producer
        .send(new ProducerRecord<>(topic.name(), key, limits.encode()))
        .<Void>mapEmpty()
        .onSuccess(said -> problem = "")
        .recover(this::later);
  }

  private Future<Void> later(Throwable failure) {
    problem = "what storage takes is not in " + topic.name() + ": " + FailureText.of(failure);
    log.warn("{}; trying again in {} ms", problem, RETRY_MS);
    Promise<Void> pause = Promise.promise();
    long unused = vertx.setTimer(RETRY_MS, id -> pause.complete());
    return pause.future().compose(over -> publish());
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    return topics.stop().compose(ended -> producer.stop());
  }

  @Override
  public Future<Health> check() {
    String text = problem;
    Health own = text.isEmpty() ? Health.healthy() : Health.degraded(text);
    return topics.check().map(own::and);
  }
}
