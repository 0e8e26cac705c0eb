package dev.tocsin.alert.window.fill;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.prometheus.SeriesNaming;
import dev.tocsin.otlp.prometheus.SeriesSink;
import dev.tocsin.promql.series.Labels;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Fills the live window from all partitions of the metric topics, without a consumer group: every
 * instance needs whatever its own rules select. What a new selection of series asks for is read
 * again from as far back as the rules look; that is also how a restart recovers. After a failure it
 * goes on in each partition behind the last record that is in the window, so that none counts
 * twice.
 */
public final class SampleWork implements Work {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long ASK_EVERY_MS = 1_000;
  private static final String HEARTBEAT = "tocsin_heartbeat_total";
  private static final String DERIVE_HEARTBEAT = "tocsin_derive_heartbeat_total";
  private static final String UP = "up";

  private final WindowState state;
  private @Nullable RecordSource source;

  /** Where partitions ended when they were asked last, until they have been read that far. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  private long askedMs;

  /**
   * Records of several producers do not lie in the order of their times; that is less than this.
   */
  private static final long WENT_BACK_MIN_MS = 5_000;

  /** What outlives a failure, because the window does. Used by the thread that fills it only. */
  public static final class WindowState {
    private final SampleFeed feed;
    private final LiveWindow window;
    private final UpTracker up;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final long heartbeatHistoryMs;
    private final IdentifyingAttributes identifying;
    private final Map<TopicPartition, Place> next = new HashMap<>();
    private long generation = -1;
    private long rangeMs;
    private long taken;

    /** The latest times of the records of each partition, as long as the window is being filled. */
    private final Map<TopicPartition, Long> latest = new HashMap<>();

    private boolean filling;
    private long wentBackFromMs = WindowFeed.Fill.NEVER;

    /**
     * @param nanoTime of the monotonic clock
     * @param heartbeatHistoryMs how far back heartbeats matter
     * @param identifying attributes that series are named by
     */
    public WindowState(
        SampleFeed feed,
        LiveWindow window,
        UpTracker up,
        InstantSource clock,
        LongSupplier nanoTime,
        long heartbeatHistoryMs,
        IdentifyingAttributes identifying) {
      this.feed = feed;
      this.window = window;
      this.up = up;
      this.clock = clock;
      this.nanoTime = nanoTime;
      this.heartbeatHistoryMs = heartbeatHistoryMs;
      this.identifying = identifying;
    }
  }

  /** Offset behind the last record of a partition that is in the window. */
  private record Place(Uuid topicId, long offset) {
    boolean isIn(Extent extent) {
      boolean unknown = topicId.equals(Uuid.ZERO_UUID) || extent.topicId().equals(Uuid.ZERO_UUID);
      return unknown || topicId.equals(extent.topicId());
    }
  }

  public SampleWork(WindowState state) {
    this.state = state;
  }

  @Override
  public void open(RecordSource opened) {
    source = opened;
    followRequest();
  }

  /** Empties the window when another selection is wanted. */
  private boolean followRequest() {
    SampleFeed.Request request = state.feed.request();
    if (request.generation() == state.generation) {
      return false;
    }
    state.generation = request.generation();
    state.rangeMs = request.selection().rangeMs();
    state.window.reset(request.selection(), ago(state.rangeMs));
    state.window.writing(state.up::clear);
    state.next.clear();
    state.latest.clear();
    state.filling = true;
    state.wentBackFromMs = WindowFeed.Fill.NEVER;
    ends.clear();
    askedMs = 0;
    return true;
  }

  @Override
  public long begin(TopicPartition partition, Extent extent) {
    ends.clear();
    state.latest.remove(partition);
    Place place = state.next.get(partition);
    long offset;
    if (place != null && place.isIn(extent)) {
      // What Kafka has lost of its end is in the window; what it has dropped is gone.
      offset = Math.min(Math.max(place.offset, extent.beginning()), extent.end());
    } else {
      offset = offsetInHistory(partition, extent);
    }
    state.next.put(partition, new Place(extent.topicId(), offset));
    return offset;
  }

  private long offsetInHistory(TopicPartition partition, Extent extent) {
    boolean derived = partition.topic().equals(Topic.DERIVED.name());
    long backMs = derived ? Math.max(state.rangeMs, state.heartbeatHistoryMs) : state.rangeMs;
    return reading().offsetAt(partition, ago(backMs)).orElse(extent.end());
  }

  /**
   * Kafka knows no time before 1970, and refuses to be asked for one; rules may look back so far.
   */
  private long ago(long backMs) {
    return Math.max(0, state.clock.millis() - backMs);
  }

  /**
   * Straight into the window, record by record: a small record may be very many samples, and more
   * than one of them need not fit into memory beside the window.
   */
  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    lookAtTime(message);
    ExportMetricsServiceRequest request = ExportMetricsServiceRequest.getDefaultInstance();
    if (message.value() != null) {
      try {
        request = ExportMetricsServiceRequest.parseFrom(message.value());
      } catch (InvalidProtocolBufferException e) {
        skip(message);
        return Verdict.putAside("malformed", "evaluate: " + e.getMessage());
      }
    }
    // What is in the window of a record that fails half way stays; it is not read again.
    skip(message);
    state.taken++;
    append(message.topic(), request);
    return Verdict.TAKEN;
  }

  /**
   * Whoever fills a window cannot have seen the clock being set before. What was said by the old
   * clock hides what was said by the new one, until that has caught up.
   */
  private void lookAtTime(ConsumerRecord<byte[], byte[]> message) {
    if (state.filling && message.timestamp() >= 0) {
      TopicPartition partition = new TopicPartition(message.topic(), message.partition());
      long latestMs = state.latest.merge(partition, message.timestamp(), Math::max);
      if (message.timestamp() < latestMs - WENT_BACK_MIN_MS) {
        state.wentBackFromMs = Math.max(state.wentBackFromMs, latestMs);
      }
    }
  }

  private void append(String topic, ExportMetricsServiceRequest request) {
    long nowMs = state.clock.millis();
    state.window.lookAtClock(nowMs, TimeUnit.NANOSECONDS.toMillis(state.nanoTime.getAsLong()));
    SeriesNaming naming = SeriesNaming.of(request, state.identifying);
    state.window.writing(() -> PrometheusSeries.read(request, naming, new Appending(topic, nowMs)));
  }

  /** What of a record the window may want goes there. */
  private final class Appending implements SeriesSink {
    private final String topic;
    private final boolean derived;
    private final long nowMs;

    Appending(String topic, long nowMs) {
      this.topic = topic;
      this.derived = topic.equals(Topic.DERIVED.name());
      this.nowMs = nowMs;
    }

    @Override
    public void sample(
        SortedMap<String, String> labels, Kind kind, long timeMs, long startMs, double value) {
      String metric = labels.getOrDefault(Labels.METRIC_NAME, "");
      if (!wanted(topic, metric)) {
        return;
      }
      if (derived) {
        heartbeat(metric, labels, timeMs);
      }
      if (state.window.mayWant(metric)) {
        if (derived) {
          // Written in transactions, so nothing is there twice; workers may well count the same.
          state.window.derives(metric);
          state.window.append(Labels.of(labels), kind, timeMs, startMs, value, nowMs);
        } else {
          state.window.appendOnce(Labels.of(labels), kind, timeMs, startMs, value, nowMs);
        }
      }
    }

    private void heartbeat(String metric, SortedMap<String, String> labels, long timeMs) {
      if (metric.equals(HEARTBEAT)) {
        state.up.heartbeat(
            labels.getOrDefault("job", ""), labels.getOrDefault("instance", ""), timeMs);
      } else if (metric.equals(DERIVE_HEARTBEAT)) {
        state.up.pipelineAlive(timeMs);
      }
    }

    @Override
    public void outsized(String metric, long timeMs, int count) {
      if (wanted(topic, metric)) {
        state.window.refuseOutsized(metric, timeMs, count, nowMs);
      }
    }
  }

  private boolean wanted(String topic, String metric) {
    boolean derived = topic.equals(Topic.DERIVED.name());
    if (derived && (metric.equals(HEARTBEAT) || metric.equals(DERIVE_HEARTBEAT))) {
      return true;
    }
    // Made here from the same heartbeats; another instance's would only come later.
    boolean anothersUp = derived && metric.equals(UP);
    return !anothersUp && state.window.mayWant(metric);
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    TopicPartition partition = new TopicPartition(message.topic(), message.partition());
    state.next.computeIfPresent(
        partition, (p, place) -> new Place(place.topicId, message.offset() + 1));
  }

  @Override
  public void flush(Turn turn) {
    if (followRequest()) {
      reading().assignment().forEach(turn::restart);
      return;
    }
    for (TopicPartition partition : state.next.keySet()) {
      turn.durable(partition, nextOffset(partition));
    }
    state.feed.taken(state.taken);
    look(turn);
  }

  private long nextOffset(TopicPartition partition) {
    Place place = state.next.get(partition);
    return place == null ? 0 : place.offset;
  }

  /** Asks every second where the topics end, and says so when they have been read that far. */
  private void look(Turn turn) {
    long nowMs = state.clock.millis();
    if (ends.isEmpty() && Math.abs(nowMs - askedMs) >= ASK_EVERY_MS) {
      ends.putAll(reading().ends(reading().assignment()));
      askedMs = nowMs;
    }
    if (ends.isEmpty()) {
      return;
    }
    ends.entrySet().removeIf(end -> turn.position(end.getKey()) >= end.getValue());
    if (ends.isEmpty()) {
      state.filling = false;
      state.feed.filled(state.generation, askedMs, state.wentBackFromMs);
    }
  }

  private RecordSource reading() {
    if (source == null) {
      throw new IllegalStateException("not open");
    }
    return source;
  }

  @Override
  public Duration pollWait() {
    return POLL;
  }
}
