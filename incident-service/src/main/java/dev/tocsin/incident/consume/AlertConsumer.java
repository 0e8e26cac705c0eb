package dev.tocsin.incident.consume;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.Awaiting;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Lifecycle;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Reads the alerts topic. */
public final class AlertConsumer {
  /** The consumer group. */
  public static final String GROUP = "tocsin-incident";

  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

  private AlertConsumer() {}

  public static Component create(
      KafkaSettings kafka,
      AlertIntake intake,
      IncidentStore store,
      Alarms alarms,
      Aside deadLetters,
      Lifecycle lifecycle,
      MeterRegistry metrics) {
    AlertGaps gaps = new AlertGaps(metrics);
    // The consumer's thread is the place where waiting for the database blocks.
    Awaiting awaiting = Awaiting.blocking(ANSWER_MAX);
    Map<String, String> tuning =
        Map.of(
            "group.id", GROUP,
            "max.poll.records", "200",
            "session.timeout.ms", "10000",
            "heartbeat.interval.ms", "2000",
            // A partition that is new has to be known before alerts that moved there could end.
            "metadata.max.age.ms", "60000");
    return RecordLoop.create(
        "alert-consumer",
        kafka,
        tuning,
        PartitionChoice.shared(List.of(Topic.ALERTS.name())),
        () -> new AlertWork(intake, store, lifecycle, gaps, awaiting, System::nanoTime),
        new AlarmingAside(deadLetters, alarms, lifecycle, metrics),
        metrics);
  }
}
