package dev.tocsin.alert.rules.follow;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the compacted topic of alert states from its beginning to its end when asked. */
public final class KafkaStateStore implements StateStore {
  private static final Logger log = LoggerFactory.getLogger(KafkaStateStore.class);

  /** The evaluation thread has other groups to look after meanwhile. */
  private static final Duration AT_ONCE = Duration.ofMillis(300);

  private final KafkaSettings kafka;
  private @Nullable Reading current;

  public KafkaStateStore(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  /** A reading that may take several calls. */
  private record Reading(
      long number,
      Set<String> groups,
      CompactedReader reader,
      Map<String, AlertStateRecord> newest) {}

  @Override
  public Optional<List<AlertStateRecord>> load(Set<String> groups, long reading) {
    Reading open = current;
    if (open != null && (open.number != reading || !open.groups.equals(groups))) {
      end(open);
      open = null;
    }
    if (open == null) {
      open =
          new Reading(
              reading,
              Set.copyOf(groups),
              CompactedReader.open(kafka, Topic.ALERT_STATE),
              new LinkedHashMap<>());
      current = open;
    }
    Reading reads = open;
    boolean whole;
    try {
      whole = reads.reader.advance(AT_ONCE, message -> take(reads, message));
    } catch (RuntimeException e) {
      end(reads);
      throw e;
    }
    if (!whole) {
      return Optional.empty();
    }
    end(reads);
    return Optional.of(List.copyOf(reads.newest.values()));
  }

  private void end(Reading reading) {
    current = null;
    reading.reader.close();
  }

  private static void take(Reading reading, ConsumerRecord<byte[], byte[]> message) {
    String key = new String(message.key(), UTF_8);
    reading.newest.remove(key);
    int group = key.indexOf('\u001f');
    if (message.value() == null || group < 0 || !reading.groups.contains(key.substring(0, group))) {
      return;
    }
    try {
      AlertStateRecord state = AlertStateRecord.decode(message.value());
      if (state.key().equals(key)) {
        reading.newest.put(key, state);
      }
    } catch (ContractException e) {
      log.warn("alert state at offset {} is left out: {}", message.offset(), e.getMessage());
    }
  }
}
