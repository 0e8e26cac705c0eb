package dev.tocsin.alert.derive;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTransactions;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.runtime.ServiceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes the threads of {@code derive}. Kafka's consumer group spreads the work over them. */
public final class Derive {
  /** What it reads. */
  private static final List<Topic> SOURCES = List.of(Topic.SPANS, Topic.METRICS, Topic.LOGS);

  private static final String GROUP = "tocsin-alert-derive";

  /** A batch is whole records, so what comes at once is bounded as well. */
  private static final Map<String, String> TUNING =
      Map.of(
          "group.id", GROUP,
          "max.poll.records", "2000",
          "fetch.max.bytes", Long.toString(16L << 20),
          "session.timeout.ms", "10000",
          "heartbeat.interval.ms", "3000");

  private Derive() {}

  /**
   * @param aside where records go that cannot be used
   */
  public static List<RecordLoop> loops(
      DeriveOptions options, KafkaSettings kafka, Aside aside, ServiceContext context) {
    List<RecordLoop> loops = new ArrayList<>();
    for (int thread = 0; thread < options.threads(); thread++) {
      loops.add(loop(thread, options, kafka, aside, context));
    }
    return loops;
  }

  private static RecordLoop loop(
      int thread, DeriveOptions options, KafkaSettings kafka, Aside aside, ServiceContext context) {
    String worker = options.instanceId() + "-" + thread;
    DeriveMetrics metrics = new DeriveMetrics(context.metrics(), Integer.toString(thread));
    RecordLoop loop =
        RecordLoop.create(
            "alert-derive-" + thread,
            kafka,
            TUNING,
            PartitionChoice.shared(SOURCES.stream().map(Topic::name).toList()),
            () ->
                new DeriveWork(
                    worker,
                    options,
                    context.clock(),
                    System::nanoTime,
                    KafkaTransactions.create(kafka, "tocsin-alert-derive-" + worker),
                    metrics),
            aside,
            context.metrics());
    metrics.of(loop);
    return loop;
  }
}
