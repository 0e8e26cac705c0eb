package dev.tocsin.alert.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.alert.rules.follow.KafkaStateStore;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the topic of states as {@link KafkaStateStore} does: to where it ended when the reading
 * began, once that is decided.
 */
final class SimStateStore implements StateStore {
  private final SimKafka kafka;
  private final Runnable takesTime;
  private Map<TopicPartition, Long> ends = Map.of();
  private long current = -1;

  /**
   * @param takesTime called with each look
   */
  SimStateStore(SimKafka kafka, Runnable takesTime) {
    this.kafka = kafka;
    this.takesTime = takesTime;
  }

  @Override
  public Optional<List<AlertStateRecord>> load(Set<String> groups, long reading) {
    kafka.answer("states");
    if (reading != current) {
      Map<TopicPartition, Long> found = new LinkedHashMap<>();
      for (TopicPartition partition : kafka.partitions(Topic.ALERT_STATE.name())) {
        found.put(partition, kafka.writtenEnd(partition));
      }
      ends = found;
      current = reading;
    }
    takesTime.run();
    boolean decided =
        ends.entrySet().stream()
            .allMatch(end -> kafka.extent(end.getKey()).end() >= end.getValue());
    if (!decided) {
      return Optional.empty();
    }
    current = -1;
    return Optional.of(
        newest(kafka).values().stream()
            .filter(state -> groups.contains(state.ruleGroup()))
            .toList());
  }

  /** The states there are now, by key. */
  static Map<String, AlertStateRecord> newest(SimKafka kafka) {
    Map<String, AlertStateRecord> newest = new LinkedHashMap<>();
    for (SimRecord record : kafka.records(Topic.ALERT_STATE.name())) {
      byte[] value = record.value();
      String key = new String(record.key(), UTF_8);
      newest.remove(key);
      if (value != null) {
        newest.put(key, AlertStateRecord.decode(value));
      }
    }
    return newest;
  }
}
