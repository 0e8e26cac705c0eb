package dev.tocsin.storage.write.consume;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.storage.ports.SegmentStore;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.micrometer.core.instrument.FunctionCounter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.TopicPartition;

/** Makes the consumers of the four topics, each a component with a thread of its own. */
public final class Consumers {
  /** A series' labels, names and values together: what is longer is put aside. */
  public static final int LABEL_CHARS_MAX = MetricBuffer.LABEL_CHARS_MAX;

  /** A series' name likewise. */
  public static final int METRIC_NAME_CHARS_MAX = MetricBuffer.METRIC_CHARS_MAX;

  private final ServiceContext context;
  private final KafkaSettings kafka;
  private final Parts parts;
  private final SegmentStore store;
  private final DeadLetters deadLetters;
  private final Host host;
  private final KafkaTopicIds topicIds;
  private final SeriesCollisions collisions;

  /**
   * @param collisions gets the series whose samples overwrite each other
   * @param encodeThreads threads that encode, shared by all topics
   */
  public Consumers(
      ServiceContext context,
      KafkaSettings kafka,
      Parts parts,
      SegmentStore store,
      DeadLetters deadLetters,
      SeriesCollisions collisions,
      int encodeThreads) {
    this.collisions = collisions;
    FunctionCounter.builder("tocsin.series.collisions", collisions, c -> (double) c.total())
        .description("Values that another value of the same series and time overwrote")
        .register(context.metrics());
    this.parts = parts;
    this.host = Host.of(context.vertx().createSharedWorkerExecutor("store-encode", encodeThreads));
    this.context = context;
    this.kafka = kafka;
    this.topicIds = new KafkaTopicIds(kafka);
    this.store = store;
    this.deadLetters = deadLetters;
  }

  /** To be started before the consumers. */
  public Component topicIds() {
    return topicIds;
  }

  public Component spans(Topic topic, Window window, FlushLimits limits) {
    return loop(topic, limits, part -> new ItemBuffer(new SpanItems(context.clock()), window));
  }

  public Component logs(Topic topic, Window window, FlushLimits limits) {
    return loop(topic, limits, part -> new ItemBuffer(new LogItems(context.clock()), window));
  }

  /**
   * @param source number under which the topic's blocks are stored
   * @param identifying attributes that series are named by
   * @param repeats whether a record may have what another had: a sender repeats a request that it
   *     has no answer to; what is written in transactions is there once
   */
  public Component metrics(
      Topic topic,
      int source,
      Window window,
      FlushLimits limits,
      IdentifyingAttributes identifying,
      boolean repeats) {
    // A topic's own: what a sender makes of its metrics must not take the room of derived ones.
    MetricHeap heap = MetricHeap.ofProcess();
    return loop(
        topic,
        limits,
        part ->
            new MetricBuffer(
                window,
                context.clock(),
                source,
                identifying,
                host.awaiting().await(store.totals(part, source)),
                new RecentlySeen<>(context.clock()),
                heap,
                repeats ? RecentItems.ofProcess(context.clock()) : null,
                collisions));
  }

  private Component loop(Topic topic, FlushLimits limits, Buffer.Factory buffers) {
    ConsumeMetrics metrics = new ConsumeMetrics(context.metrics(), topic.name());
    Map<String, Object> tuning =
        Map.of(
            "group.id",
            "tocsin-storage-" + topic.name(),
            "partition.assignment.strategy",
            CooperativeStickyAssignor.class.getName(),
            // Kafka's default would leave the partitions of a killed instance alone for 45 s.
            "session.timeout.ms",
            "10000",
            "fetch.max.bytes",
            Integer.toString(16 << 20),
            "max.poll.records",
            "200");
    RecordLoop loop =
        RecordLoop.create(
            "store-" + topic.name(),
            kafka,
            tuning,
            intake(topic),
            () -> new TopicWork(topic.name(), store, topicIds, buffers, limits, metrics, host),
            deadLetters,
            context.metrics());
    metrics.lagOf(loop);
    return loop;
  }

  private PartitionChoice intake(Topic topic) {
    if (parts.named().isEmpty()) {
      return PartitionChoice.shared(List.of(topic.name()));
    }
    return PartitionChoice.named(
        parts.named().stream()
            .map(part -> new TopicPartition(topic.name(), part))
            .collect(Collectors.toSet()));
  }
}
