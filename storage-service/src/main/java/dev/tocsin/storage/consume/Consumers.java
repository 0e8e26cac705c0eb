package dev.tocsin.storage.consume;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.SegmentStore;
import io.vertx.core.WorkerExecutor;
import java.util.Map;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;

/** Makes the consumers of the four topics, each a component with a thread of its own. */
public final class Consumers {
  private final ServiceContext context;
  private final KafkaSettings kafka;
  private final Parts parts;
  private final SegmentStore store;
  private final DeadLetters deadLetters;
  private final WorkerExecutor encoders;

  /**
   * @param encodeThreads threads that encode, shared by all topics
   */
  public Consumers(
      ServiceContext context,
      KafkaSettings kafka,
      Parts parts,
      SegmentStore store,
      DeadLetters deadLetters,
      int encodeThreads) {
    this.parts = parts;
    this.encoders = context.vertx().createSharedWorkerExecutor("store-encode", encodeThreads);
    this.context = context;
    this.kafka = kafka;
    this.store = store;
    this.deadLetters = deadLetters;
  }

  public Component spans(Topic topic, Window window, FlushLimits limits) {
    return loop(topic, limits, part -> new SpanBuffer(window, context.clock()));
  }

  public Component logs(Topic topic, Window window, FlushLimits limits) {
    return loop(topic, limits, part -> new LogBuffer(window));
  }

  /**
   * @param source number under which the topic's blocks are stored
   */
  public Component metrics(Topic topic, int source, Window window, FlushLimits limits) {
    return loop(
        topic,
        limits,
        part ->
            new MetricBuffer(
                window,
                context.clock(),
                source,
                Blocking.await(store.totals(part, source)),
                new RecentlySeen<>(context.clock())));
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
    return new PollLoop(
        "store-" + topic.name(),
        kafka,
        tuning,
        () ->
            new TopicWork(
                topic.name(), parts, store, deadLetters, buffers, limits, metrics, encoders));
  }
}
