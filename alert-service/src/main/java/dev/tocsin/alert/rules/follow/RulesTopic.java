package dev.tocsin.alert.rules.follow;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.rules.RuleSources;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the rules topic in line with the shipped groups and the configured files when the service
 * starts: what differs is written, shipped and file groups that are gone are deleted. Groups made
 * through the API are left alone. Instances started together write the same and do no harm.
 */
public final class RulesTopic implements Component {
  private static final Logger log = LoggerFactory.getLogger(RulesTopic.class);

  private final Vertx vertx;
  private final KafkaSettings kafka;
  private final RecordProducer producer;
  private final Supplier<Map<String, RuleGroupRecord>> wanted;

  /**
   * @param wanted the groups there should be, by key
   */
  public RulesTopic(
      Vertx vertx,
      KafkaSettings kafka,
      RecordProducer producer,
      Supplier<Map<String, RuleGroupRecord>> wanted) {
    this.vertx = vertx;
    this.kafka = kafka;
    this.producer = producer;
    this.wanted = wanted;
  }

  @Override
  public String name() {
    return "rules-topic";
  }

  @Override
  public Future<Void> start() {
    // Reading the topic blocks, so it has a worker thread.
    return vertx
        .executeBlocking(this::stored, false)
        .compose(
            stored -> {
              List<Future<?>> sent = new ArrayList<>();
              changes(wanted.get(), stored).forEach(change -> sent.add(producer.send(change)));
              if (!sent.isEmpty()) {
                log.info("{} rule groups written or deleted", sent.size());
              }
              return Future.all(sent);
            })
        .mapEmpty();
  }

  private Map<String, RuleGroupRecord> stored() {
    Map<String, RuleGroupRecord> stored = new HashMap<>();
    CompactedReader.readAll(
        kafka,
        Topic.RULES,
        message -> {
          String key = new String(message.key(), UTF_8);
          stored.remove(key);
          if (message.value() != null) {
            try {
              stored.put(key, RuleGroupRecord.decode(message.value()));
            } catch (ContractException e) {
              log.warn("rule group {} cannot be read: {}", key, e.getMessage());
            }
          }
        });
    return stored;
  }

  public static List<ProducerRecord<byte[], byte[]>> changes(
      Map<String, RuleGroupRecord> wanted, Map<String, RuleGroupRecord> stored) {
    List<ProducerRecord<byte[], byte[]>> changes = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (RuleGroupRecord group : wanted.values()) {
      names.add(group.name());
      if (!group.equals(stored.get(group.name()))) {
        changes.add(new ProducerRecord<>(Topic.RULES.name(), bytes(group.name()), group.encode()));
      }
    }
    stored.forEach(
        (key, group) -> {
          boolean ours =
              group.source().equals(RuleSources.DEFAULT) || group.source().equals(RuleSources.FILE);
          if (ours && !names.contains(key)) {
            changes.add(new ProducerRecord<>(Topic.RULES.name(), bytes(key), null));
          }
        });
    return changes;
  }

  private static byte[] bytes(String key) {
    return key.getBytes(UTF_8);
  }

  @Override
  public Future<Void> stop() {
    return Future.succeededFuture();
  }
}
