package dev.tocsin.incident.consume;

import dev.tocsin.common.kafka.Aside;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.Lifecycle;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Raises an alarm for each alert that is put aside, before it is: a page that nobody got must not
 * go unseen. The alarm comes first, as it is raised once however often it is tried.
 */
final class AlarmingAside implements Aside {
  private final Aside aside;
  private final Alarms alarms;
  private final Lifecycle lifecycle;
  private final MeterRegistry metrics;

  AlarmingAside(Aside aside, Alarms alarms, Lifecycle lifecycle, MeterRegistry metrics) {
    this.aside = aside;
    this.alarms = alarms;
    this.lifecycle = lifecycle;
    this.metrics = metrics;
  }

  @Override
  public boolean isForOthers(ConsumerRecord<byte[], byte[]> message) {
    return aside.isForOthers(message);
  }

  @Override
  public Future<Void> put(ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
    String place = message.topic() + "-" + message.partition() + "@" + message.offset();
    Instant at = Instant.ofEpochMilli(Math.max(0, message.timestamp()));
    return alarms
        .raise(SelfAlarm.alertPutAside(place, at, reason + ": " + detail))
        .onSuccess(lifecycle::committed)
        .compose(raised -> aside.put(message, reason, detail))
        .onSuccess(
            put -> metrics.counter("tocsin.alert.dead.letters", "reason", reason).increment());
  }
}
