package dev.tocsin.alert.derive;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.runtime.ServiceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes the threads of {@code derive}. Kafka's consumer group spreads the work over them. */
public final class Derive {
  /** What it reads. */
  static final List<Topic> SOURCES = List.of(Topic.SPANS, Topic.METRICS, Topic.LOGS);

  private static final String GROUP = "tocsin-alert-derive";

  private Derive() {}

  public static List<PollLoop> loops(
      DeriveOptions options, KafkaSettings kafka, ServiceContext context) {
    List<PollLoop> loops = new ArrayList<>();
    Map<String, String> tuning =
        Map.of(
            "group.id", GROUP,
            "max.poll.records", "2000",
            "session.timeout.ms", "10000",
            "heartbeat.interval.ms", "3000");
    for (int thread = 0; thread < options.threads(); thread++) {
      String worker = options.instanceId() + "-" + thread;
      DeriveMetrics metrics = new DeriveMetrics(context.metrics(), Integer.toString(thread));
      loops.add(
          new PollLoop(
              "alert-derive-" + thread,
              kafka,
              tuning,
              () -> new DeriveWork(worker, options, kafka, context.clock(), metrics)));
    }
    return loops;
  }
}
