package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Asks Kafka, on a connection of its own. */
final class KafkaTopicIds implements TopicIds, Component {
  private final KafkaSettings settings;
  private volatile @Nullable Admin admin;

  KafkaTopicIds(KafkaSettings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "kafka-topic-ids";
  }

  @Override
  public Future<Void> start() {
    Map<String, Object> properties = new HashMap<>(settings.clientProperties());
    properties.put("request.timeout.ms", "5000");
    properties.put("default.api.timeout.ms", "10000");
    admin = Admin.create(properties);
    return Future.succeededFuture();
  }

  @Override
  public Future<Uuid> idOf(String topic) {
    Admin open = admin;
    if (open == null) {
      return Future.failedFuture(new KafkaException("not started, or stopped already"));
    }
    return Future.fromCompletionStage(
            open.describeTopics(List.of(topic)).allTopicNames().toCompletionStage())
        .map(
            found -> {
              TopicDescription description = found.get(topic);
              return description == null ? Uuid.ZERO_UUID : description.topicId();
            })
        .recover(
            e -> {
              Throwable cause =
                  e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
              return cause instanceof UnknownTopicOrPartitionException
                  ? Future.succeededFuture(Uuid.ZERO_UUID)
                  : Future.failedFuture(cause);
            });
  }

  @Override
  public Future<Void> stop() {
    Admin open = admin;
    admin = null;
    if (open != null) {
      open.close(Duration.ZERO);
    }
    return Future.succeededFuture();
  }
}
