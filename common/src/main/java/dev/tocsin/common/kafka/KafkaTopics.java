package dev.tocsin.common.kafka;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the topics a service uses exist before it works. While Kafka cannot be reached,
 * {@link #start} keeps trying, so a service may be started before its Kafka. Existing topics are
 * left as they are, partition counts included.
 */
public final class KafkaTopics implements Component {
  private static final Logger log = LoggerFactory.getLogger(KafkaTopics.class);
  private static final long RETRY_MS = 1_000;

  private final Vertx vertx;
  private final KafkaSettings settings;
  private final Collection<Topic> topics;
  private volatile boolean stopped;
  private volatile String problem = "Kafka's topics: not asked for yet";

  public KafkaTopics(Vertx vertx, KafkaSettings settings, Collection<Topic> topics) {
    this.vertx = vertx;
    this.settings = settings;
    this.topics = List.copyOf(topics);
  }

  @Override
  public String name() {
    return "kafka-topics";
  }

  @Override
  public Future<Void> start() {
    return attempt();
  }

  private Future<Void> attempt() {
    if (stopped) {
      return Future.failedFuture(new IllegalStateException("stopped while waiting for Kafka"));
    }
    // Admin blocks on metadata, so it has a worker thread; the pool bounds how many.
    return vertx
        .executeBlocking(this::ensure, false)
        .onSuccess(ignored -> problem = "")
        .recover(
            failure -> {
              String text = "Kafka at " + settings.bootstrapServers() + ": " + rootMessage(failure);
              if (!text.equals(problem)) {
                log.warn("{}; trying again every {} ms", text, RETRY_MS);
              }
              problem = text;
              return pause().compose(v -> attempt());
            });
  }

  private Future<Void> pause() {
    Promise<Void> later = Promise.promise();
    vertx.setTimer(RETRY_MS, id -> later.complete());
    return later.future();
  }

  private Void ensure() throws Exception {
    Map<String, Object> properties = new HashMap<>(settings.clientProperties());
    properties.put("request.timeout.ms", "5000");
    properties.put("default.api.timeout.ms", "10000");
    try (Admin admin = Admin.create(properties)) {
      Set<String> existing = admin.listTopics().names().get();
      List<NewTopic> missing = new ArrayList<>();
      for (Topic topic : topics) {
        if (!existing.contains(topic.name())) {
          missing.add(describe(topic));
        }
      }
      try {
        admin.createTopics(missing).all().get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
    return null;
  }

  private NewTopic describe(Topic topic) {
    Map<String, String> config = new HashMap<>();
    config.put("max.message.bytes", Long.toString(Topic.MESSAGE_BYTES_MAX));
    if (topic.compacted()) {
      config.put("cleanup.policy", "compact");
      config.put("min.cleanable.dirty.ratio", "0.1");
      config.put("segment.ms", "3600000");
    } else {
      config.put("retention.ms", Long.toString(settings.retentionMs()));
      config.put("retention.bytes", Long.toString(settings.retentionBytes()));
    }
    int partitions = topic.partitioned() ? settings.partitions() : 1;
    return new NewTopic(topic.name(), partitions, (short) settings.replication()).configs(config);
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    return Future.succeededFuture();
  }

  @Override
  public Future<Health> check() {
    return Future.succeededFuture(problem.isEmpty() ? Health.healthy() : Health.degraded(problem));
  }

  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}
