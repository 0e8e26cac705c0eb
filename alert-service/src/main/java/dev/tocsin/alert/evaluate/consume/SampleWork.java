package dev.tocsin.alert.evaluate.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.alert.evaluate.UpTracker;
import dev.tocsin.alert.evaluate.window.LiveWindow;
import dev.tocsin.alert.evaluate.window.Selection;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.otlp.PrometheusSeries;
import dev.tocsin.common.otlp.SeriesSink.Kind;
import dev.tocsin.promql.Labels;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Fills the live window from all partitions of the metric topics, without a consumer group: every
 * instance needs whatever its own rules select. What the selection of series asks for is read again
 * from as far back as the rules look; that is also how a restart recovers.
 */
final class SampleWork implements PollLoop.Work {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final String HEARTBEAT = "tocsin_heartbeat_total";
  private static final String DERIVE_HEARTBEAT = "tocsin_derive_heartbeat_total";
  private static final String UP = "up";

  private final SampleFeed feed;
  private final LiveWindow window;
  private final UpTracker up;
  private final InstantSource clock;
  private final long heartbeatHistoryMs;
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private long generation = -1;

  /**
   * @param heartbeatHistoryMs how far back heartbeats matter
   */
  SampleWork(
      SampleFeed feed,
      LiveWindow window,
      UpTracker up,
      InstantSource clock,
      long heartbeatHistoryMs) {
    this.feed = feed;
    this.window = window;
    this.up = up;
    this.clock = clock;
    this.heartbeatHistoryMs = heartbeatHistoryMs;
  }

  @Override
  public void open(Consumer<byte[], byte[]> consumer) {
    feed.lost();
    List<TopicPartition> partitions = new ArrayList<>();
    for (Topic topic : List.of(Topic.METRICS, Topic.DERIVED)) {
      for (PartitionInfo info : consumer.partitionsFor(topic.name())) {
        partitions.add(new TopicPartition(info.topic(), info.partition()));
      }
    }
    consumer.assign(partitions);
  }

  @Override
  public void turn(Consumer<byte[], byte[]> consumer) {
    SampleFeed.Request request = feed.request();
    if (request.generation() != generation) {
      rewind(consumer, request.selection());
      generation = request.generation();
    }
    ConsumerRecords<byte[], byte[]> messages = consumer.poll(POLL);
    if (!messages.isEmpty()) {
      take(messages);
    }
    ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    if (ends.isEmpty()) {
      feed.filled(generation);
    }
    feed.behind(
        consumer.assignment().stream()
            .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
            .sum());
  }

  private void rewind(Consumer<byte[], byte[]> consumer, Selection selection) {
    long nowMs = clock.millis();
    long metricsSince = nowMs - selection.rangeMs();
    long derivedSince = Math.min(metricsSince, nowMs - heartbeatHistoryMs);
    window.reset(selection, metricsSince);
    window.writing(up::clear);
    Map<TopicPartition, Long> times = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      boolean derived = partition.topic().equals(Topic.DERIVED.name());
      times.put(partition, derived ? derivedSince : metricsSince);
    }
    Map<TopicPartition, Long> now = consumer.endOffsets(consumer.assignment());
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    for (TopicPartition partition : consumer.assignment()) {
      OffsetAndTimestamp at = found.get(partition);
      long end = now.getOrDefault(partition, 0L);
      consumer.seek(partition, at == null ? end : at.offset());
    }
    ends.clear();
    ends.putAll(now);
  }

  private void take(ConsumerRecords<byte[], byte[]> messages) {
    List<ExportMetricsServiceRequest> metrics = new ArrayList<>();
    List<ExportMetricsServiceRequest> derived = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      if (message.value() == null) {
        continue;
      }
      try {
        boolean ours = message.topic().equals(Topic.DERIVED.name());
        (ours ? derived : metrics).add(ExportMetricsServiceRequest.parseFrom(message.value()));
      } catch (InvalidProtocolBufferException e) {
        feed.malformed(message.topic());
      }
    }
    long nowMs = clock.millis();
    window.writing(
        () -> {
          metrics.forEach(
              request ->
                  PrometheusSeries.read(
                      request,
                      (labels, kind, timeMs, startMs, value) ->
                          sample(labels, kind, timeMs, startMs, value, nowMs)));
          derived.forEach(
              request ->
                  PrometheusSeries.read(
                      request,
                      (labels, kind, timeMs, startMs, value) ->
                          derived(labels, kind, timeMs, startMs, value, nowMs)));
        });
  }

  private void derived(
      SortedMap<String, String> labels,
      Kind kind,
      long timeMs,
      long startMs,
      double value,
      long nowMs) {
    String name = labels.getOrDefault(Labels.METRIC_NAME, "");
    switch (name) {
      case HEARTBEAT ->
          up.heartbeat(labels.getOrDefault("job", ""), labels.getOrDefault("instance", ""), timeMs);
      case DERIVE_HEARTBEAT -> up.pipelineAlive(timeMs);
      // Made here from the same heartbeats; another instance's would only come later.
      case UP -> {
        return;
      }
      default -> {}
    }
    sample(labels, kind, timeMs, startMs, value, nowMs);
  }

  private void sample(
      SortedMap<String, String> labels,
      Kind kind,
      long timeMs,
      long startMs,
      double value,
      long nowMs) {
    if (window.mayWant(labels.getOrDefault(Labels.METRIC_NAME, ""))) {
      window.append(Labels.of(labels), kind, timeMs, startMs, value, nowMs);
    }
  }
}
