package dev.tocsin.ingest.publish;

import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.ports.TelemetrySink;
import dev.tocsin.otlp.wire.OtlpPart;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** One record a part, to the partition the part names, without key or headers. */
public final class KafkaSink implements TelemetrySink {
  private final RecordProducer producer;

  public KafkaSink(RecordProducer producer) {
    this.producer = producer;
  }

  @Override
  public int partitions(Signal signal) {
    try {
      return producer.partitions(signal.topic());
    } catch (RuntimeException e) {
      throw refusal(signal, e);
    }
  }

  @Override
  public Future<Void> send(Signal signal, List<OtlpPart> parts) {
    List<Future<RecordMetadata>> sent = new ArrayList<>(parts.size());
    for (OtlpPart part : parts) {
      sent.add(
          producer.send(
              new ProducerRecord<>(signal.topic().name(), part.partition(), null, part.value())));
    }
    return Future.join(sent)
        .recover(failure -> Future.failedFuture(refusal(signal, failure)))
        .mapEmpty();
  }

  /**
   * A fault of Kafka is never the sender's: but for size, all are worth another try, even those
   * that need an operator first.
   */
  private static RefusedException refusal(Signal signal, Throwable failure) {
    if (failure instanceof RecordTooLargeException) {
      return new RefusedException(
          Reason.TOO_LARGE,
          "a record passes max.message.bytes of Kafka topic " + signal.topic().name());
    }
    return new RefusedException(
        Reason.KAFKA_UNAVAILABLE,
        "Kafka did not take the request (" + failure.getClass().getSimpleName() + "); try again");
  }
}
