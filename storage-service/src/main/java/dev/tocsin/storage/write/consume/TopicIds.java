package dev.tocsin.storage.write.consume;

import io.vertx.core.Future;
import org.apache.kafka.common.Uuid;

/** Tells which topic of a name Kafka has now. */
interface TopicIds {
  /**
   * The topic's id, {@link Uuid#ZERO_UUID} while there is no such topic; as Kafka has it after the
   * call. Fails when Kafka does not answer.
   */
  Future<Uuid> idOf(String topic);
}
