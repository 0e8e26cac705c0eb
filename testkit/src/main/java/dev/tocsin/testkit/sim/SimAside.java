package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Aside;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.TimeoutException;

/** Dead letters in memory; they fail with {@link SimKafka#faults}, sometimes after all. */
public final class SimAside implements Aside {
  private final SimKafka kafka;
  private final List<Letter> letters = new ArrayList<>();

  public SimAside(SimKafka kafka) {
    this.kafka = kafka;
  }

  /** A record as it was put aside. */
  public record Letter(ConsumerRecord<byte[], byte[]> message, String reason, String detail) {}

  public List<Letter> letters() {
    return List.copyOf(letters);
  }

  /** Whether there is a letter about the record, or about part of it. */
  public boolean has(SimRecord record) {
    return letters.stream()
        .anyMatch(letter -> SimRecord.sequenceOf(letter.message()) == record.sequence());
  }

  @Override
  public Future<Void> put(ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
    SimScheduler chance = kafka.scheduler();
    boolean fails = kafka.faults().down() || chance.chance(kafka.faults().letters());
    if (!fails || (!kafka.faults().down() && chance.chance(0.5))) {
      letters.add(new Letter(message, reason, detail));
      chance
          .trace()
          .add(message.topic() + "-" + message.partition() + "@" + message.offset() + " " + reason);
    }
    return fails
        ? Future.failedFuture(new TimeoutException("simulated: no answer about a letter"))
        : Future.succeededFuture();
  }
}
