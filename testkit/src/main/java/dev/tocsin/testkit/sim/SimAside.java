package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Aside;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Dead letters in memory; they fail with {@link SimKafka#faults}, sometimes after all. */
public final class SimAside implements Aside {
  private final SimKafka kafka;
  private final List<Letter> letters = new ArrayList<>();

  public SimAside(SimKafka kafka) {
    this.kafka = kafka;
  }

  /**
   * A record as it was put aside.
   *
   * @param sequence of the record, see {@link SimRecord#sequence}
   */
  public record Letter(
      ConsumerRecord<byte[], byte[]> message, String reason, String detail, long sequence) {
    /** Whether the record was damaged: nobody could tell what it was. */
    public boolean isUnreadable() {
      return reason.equals("unreadable");
    }
  }

  public List<Letter> letters() {
    return List.copyOf(letters);
  }

  /** Whether there is a letter about the record, or about part of it. */
  public boolean has(SimRecord record) {
    return letters.stream().anyMatch(letter -> letter.sequence == record.sequence());
  }

  /** Whether it was put aside because nobody could read it, which may be after it was used. */
  public boolean hasUnreadable(SimRecord record) {
    return letters.stream()
        .anyMatch(letter -> letter.isUnreadable() && letter.sequence == record.sequence());
  }

  /** Of a damaged record there is only its place. */
  private long sequence(ConsumerRecord<byte[], byte[]> message) {
    SimEntry there =
        kafka.log(new TopicPartition(message.topic(), message.partition())).at(message.offset());
    return SimRecord.isGiven(message) || there == null
        ? SimRecord.sequenceOf(message)
        : there.content.sequence();
  }

  @Override
  public Future<Void> put(ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
    SimScheduler chance = kafka.scheduler();
    boolean fails = kafka.faults().down() || chance.chance(kafka.faults().letters());
    if (!fails || (!kafka.faults().down() && chance.chance(0.5))) {
      letters.add(new Letter(message, reason, detail, sequence(message)));
      chance
          .trace()
          .add(message.topic() + "-" + message.partition() + "@" + message.offset() + " " + reason);
    }
    return fails
        ? Future.failedFuture(new TimeoutException("simulated: no answer about a letter"))
        : Future.succeededFuture();
  }
}
