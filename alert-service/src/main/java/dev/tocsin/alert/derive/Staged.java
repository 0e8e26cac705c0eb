package dev.tocsin.alert.derive;

import java.util.LinkedHashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What one partition's records since the last transaction give. */
final class Staged {
  private final RedBatch red = new RedBatch(DeriveWork.RED_BYTES_MAX);
  private final Set<Heartbeats.Beat> beats = new LinkedHashSet<>();
  private final int instancesMax;
  private OptionalLong next = OptionalLong.empty();
  private int records;
  private long bytes;
  private long newestMs;
  private long repeated;

  Staged(int instancesMax) {
    this.instancesMax = instancesMax;
  }

  void take(ConsumerRecord<byte[], byte[]> message, RecordFacts facts) {
    red.addAll(facts.red());
    repeated += facts.repeated();
    for (Heartbeats.Beat beat : facts.beats()) {
      if (beats.size() <= instancesMax) {
        beats.add(beat);
      }
    }
    records++;
    newestMs = Math.max(newestMs, message.timestamp());
    bytes += Math.max(1, message.serializedValueSize());
    pass(message.offset() + 1);
  }

  /** What is before this offset needs nothing but the offset. */
  void pass(long offset) {
    next = OptionalLong.of(offset);
  }

  RedBatch red() {
    return red;
  }

  Set<Heartbeats.Beat> beats() {
    return beats;
  }

  /** Where the group's offset is to be; empty when it is there. */
  OptionalLong next() {
    return next;
  }

  /** How many spans were left out because they count already. */
  long repeated() {
    return repeated;
  }

  int records() {
    return records;
  }

  /** How large the records are. */
  long bytes() {
    return bytes;
  }

  /** Time stamp of the newest record, 0 without one. */
  long newestMs() {
    return newestMs;
  }
}
