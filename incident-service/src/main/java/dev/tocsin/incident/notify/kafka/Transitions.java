package dev.tocsin.incident.notify.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.IncidentEvent;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Publishes each transition on {@link Topic#INCIDENTS}, at least once, under a stable event id. */
public final class Transitions implements Notifier {
  private final RecordProducer producer;

  private Transitions(RecordProducer producer) {
    this.producer = producer;
  }

  public static Notifier create(RecordProducer producer) {
    return new Transitions(producer);
  }

  @Override
  public String channel() {
    return "kafka";
  }

  @Override
  public Future<Outcome> send(Message message) {
    byte[] key = Long.toString(message.incident().id()).getBytes(UTF_8);
    return producer
        .send(new ProducerRecord<>(Topic.INCIDENTS.name(), key, event(message).encode()))
        .<Outcome>map(place -> new Outcome.Accepted(place.toString()))
        .otherwise(e -> new Outcome.Retry(Outcome.Reason.NETWORK, "Kafka: " + String.valueOf(e)));
  }

  static IncidentEvent event(Message message) {
    Incident incident = message.incident();
    return new IncidentEvent(
        incident.id() + "/" + message.notificationId(),
        incident.id(),
        message.transition().text(),
        message.transition().status().text(),
        message.actor(),
        message.at(),
        incident.fingerprint(),
        incident.title(),
        incident.severity());
  }
}
