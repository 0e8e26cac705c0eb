package dev.tocsin.alert.evaluate.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.evaluate.StateStore;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the compacted topic of alert states from its beginning to its end when asked. */
final class KafkaStateStore implements StateStore {
  private static final Logger log = LoggerFactory.getLogger(KafkaStateStore.class);

  private final KafkaSettings kafka;

  KafkaStateStore(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  @Override
  public List<AlertStateRecord> load(Set<String> groups) {
    Map<String, AlertStateRecord> newest = new LinkedHashMap<>();
    CompactedTopic.read(
        kafka,
        Topic.ALERT_STATE,
        message -> {
          String key = new String(message.key(), UTF_8);
          newest.remove(key);
          if (message.value() == null) {
            return;
          }
          try {
            AlertStateRecord state = AlertStateRecord.decode(message.value());
            if (groups.contains(state.ruleGroup())) {
              newest.put(key, state);
            }
          } catch (ContractException e) {
            log.warn("alert state at offset {} is left out: {}", message.offset(), e.getMessage());
          }
        });
    return List.copyOf(newest.values());
  }
}
