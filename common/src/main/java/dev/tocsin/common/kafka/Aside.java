package dev.tocsin.common.kafka;

import dev.tocsin.common.contract.DeadLetterHeaders;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.LoggerFactory;

/** Where records go that cannot be used. */
public interface Aside {
  /**
   * Completes when the record, as it came, or what is given instead of its value, is safe with its
   * reason; only then may a consumer go past it. Fails while that is not possible.
   *
   * @param reason one word for the metric, such as {@code malformed}
   * @param detail a sentence for people
   */
  Future<Void> put(ConsumerRecord<byte[], byte[]> message, String reason, String detail);

  /**
   * Whether the record was put back into its topic for another consumer, which had put it aside:
   * whoever has used it before would use it twice.
   */
  default boolean isForOthers(ConsumerRecord<byte[], byte[]> message) {
    return message.headers().lastHeader(DeadLetterHeaders.REPLAY_FOR) != null;
  }

  /**
   * Counts and logs only: for those who read what another consumer, which does keep dead letters,
   * reads as well.
   */
  static Aside counting(MeterRegistry metrics) {
    return (message, reason, detail) -> {
      DeadLetters.count(metrics, message.topic(), reason);
      LoggerFactory.getLogger(Aside.class)
          .warn(
              "{}-{}@{} is left out: {}: {}",
              message.topic(),
              message.partition(),
              message.offset(),
              reason,
              detail);
      return Future.succeededFuture();
    };
  }
}
