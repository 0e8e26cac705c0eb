package dev.tocsin.alert.window.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.alert.rules.follow.Membership;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.Selection;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.alert.window.WindowLimits;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordKernel;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.parse.Durations;
import dev.tocsin.promql.series.Value;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The window as the record kernel fills it, from a Kafka in memory that may fail. */
class SampleWorkTest {
  private static final long T0 = 1_700_000_000_000L;
  private static final TopicPartition METRICS = new TopicPartition(Topic.METRICS.name(), 0);

  private final PrometheusMeterRegistry meters = ProcessMetrics.registry("test");
  private final LiveWindow window =
      new LiveWindow(new WindowLimits(100, 1_000, 1 << 20, 1_000, 300_000, 600_000));
  private final UpTracker up = new UpTracker(150_000, 3_600_000, 0, 15_000, 100);
  private final SampleFeed feed = new SampleFeed();
  private final Log log = new Log();
  private long nowMs = T0 + 10_000;
  private long monotonicMs;
  private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs);
  private final SampleWork.WindowState state =
      new SampleWork.WindowState(
          feed,
          window,
          up,
          clock,
          () -> monotonicMs * 1_000_000,
          3_600_000,
          IdentifyingAttributes.DEFAULT);
  private final RecordKernel kernel =
      new RecordKernel(
          "samples",
          PartitionChoice.all(List.of(Topic.METRICS.name(), Topic.DERIVED.name())),
          () -> new SampleWork(state),
          Aside.counting(meters),
          meters,
          System::nanoTime);

  /** Both topics, one partition each; what was polled stays. */
  private static final class Log {
    private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records =
        new HashMap<>();
    private boolean away;
    private Uuid topicId = Uuid.randomUuid();

    Log() {
      records.put(METRICS, new ArrayList<>());
      records.put(new TopicPartition(Topic.DERIVED.name(), 0), new ArrayList<>());
    }

    void append(byte[] value) {
      append(ConsumerRecord.NO_TIMESTAMP, value);
    }

    void append(long timeMs, byte[] value) {
      List<ConsumerRecord<byte[], byte[]>> all = records.get(METRICS);
      all.add(
          new ConsumerRecord<>(
              METRICS.topic(),
              0,
              all.size(),
              timeMs,
              TimestampType.CREATE_TIME,
              0,
              value.length,
              null,
              value,
              new RecordHeaders(),
              Optional.empty()));
    }
  }

  private static final class Source implements RecordSource {
    private final Log log;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private Collection<TopicPartition> assigned = Set.of();

    Source(Log log) {
      this.log = log;
    }

    private void check() {
      if (log.away) {
        throw new TimeoutException("no broker");
      }
    }

    @Override
    public void join(Collection<String> topics, Membership membership) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
      assigned = List.copyOf(partitions);
    }

    @Override
    public Collection<TopicPartition> assignment() {
      return assigned;
    }

    @Override
    public List<TopicPartition> partitions(String topic) {
      return List.of(new TopicPartition(topic, 0));
    }

    @Override
    public Extent extent(TopicPartition partition) {
      check();
      return new Extent(0, log.records.get(partition).size(), log.topicId);
    }

    @Override
    public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
      check();
      Map<TopicPartition, Long> ends = new HashMap<>();
      partitions.forEach(one -> ends.put(one, (long) log.records.get(one).size()));
      return ends;
    }

    @Override
    public OptionalLong offsetAt(TopicPartition partition, long timeMs) {
      if (timeMs < 0) {
        throw new IllegalArgumentException("The target time for a partition cannot be negative");
      }
      return log.records.get(partition).isEmpty() ? OptionalLong.empty() : OptionalLong.of(0);
    }

    @Override
    public OptionalLong committed(TopicPartition partition) {
      return OptionalLong.empty();
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
      positions.put(partition, offset);
    }

    @Override
    public long position(TopicPartition partition) {
      return positions.get(partition);
    }

    @Override
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration wait) {
      check();
      List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
      positions.replaceAll(
          (partition, offset) -> {
            List<ConsumerRecord<byte[], byte[]>> all = log.records.get(partition);
            polled.addAll(all.subList((int) (long) offset, all.size()));
            return (long) all.size();
          });
      return polled;
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {}

    @Override
    public ConsumerGroupMetadata group() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void wakeup() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void follow() {
    feed.follow(selection("calls_total"));
  }

  private static Selection selection(String metric) {
    return Selection.of(Set.of(PromqlParser.parseSelector(metric)), 300_000);
  }

  private static byte[] calls(double second, long count) {
    return sum("calls", point(second, count));
  }

  /** A point that has no series. */
  private static byte[] outsized(String metric, double second) {
    String tooLong = "x".repeat(PrometheusSeries.LABELS_CHARS_MAX + 1);
    return sum(
        metric,
        point(second, 1)
            .addAttributes(
                KeyValue.newBuilder()
                    .setKey("path")
                    .setValue(AnyValue.newBuilder().setStringValue(tooLong))));
  }

  private static NumberDataPoint.Builder point(double second, long count) {
    return NumberDataPoint.newBuilder()
        .setStartTimeUnixNano(T0 * 1_000_000)
        .setTimeUnixNano((T0 + (long) (second * 1_000)) * 1_000_000)
        .setAsInt(count);
  }

  private static byte[] sum(String name, NumberDataPoint.Builder point) {
    Metric metric =
        Metric.newBuilder()
            .setName(name)
            .setSum(
                Sum.newBuilder()
                    .setIsMonotonic(true)
                    .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                    .addDataPoints(point))
            .build();
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
        .build()
        .toByteArray();
  }

  private void steps(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      kernel.step();
    }
  }

  private double total() {
    return totalAt(nowMs);
  }

  private double totalAt(long atMs) {
    PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());
    Value value =
        window.reading(
            () -> engine.instant(window, "calls_total", atMs, QueryContext.create()).value());
    var samples = ((Value.InstantVector) value).samples();
    return samples.isEmpty() ? Double.NaN : samples.get(0).value();
  }

  @Test
  void window_isFilledThroughTheTimeItWasAskedFor() throws Exception {
    log.append(calls(1, 5));
    assertThat(feed.fill().filled()).isFalse();
    kernel.open(new Source(log));
    steps(2);
    assertThat(feed.fill()).isEqualTo(new WindowFeed.Fill(true, nowMs, 1, WindowFeed.Fill.NEVER));
    nowMs += 500;
    steps(2);
    assertThat(feed.fill().throughMs()).isEqualTo(nowMs - 500);
    nowMs += 600;
    steps(2);
    assertThat(feed.fill().throughMs()).isEqualTo(nowMs);
    assertThat(total()).isEqualTo(5);
  }

  @Test
  void clockThatWasSetBackBefore_isNoticedByWhoeverFillsTheWindow() throws Exception {
    log.append(T0 + 9_000, calls(1, 5));
    log.append(T0 + 8_000, calls(1, 5));
    log.append(T0 + 9_500, calls(1, 5));
    kernel.open(new Source(log));
    steps(2);
    assertThat(feed.fill().wentBackFromMs())
        .as("records of several producers lie like that")
        .isEqualTo(WindowFeed.Fill.NEVER);
    log.append(T0 + 4_000, calls(1, 5));
    log.append(T0 + 5_000, calls(1, 5));
    feed.follow(selection("calls_total"));
    steps(3);
    assertThat(feed.fill().filled()).isTrue();
    assertThat(feed.fill().wentBackFromMs()).isEqualTo(T0 + 9_500);
    log.append(T0 + 100_000, calls(1, 5));
    log.append(T0 + 50_000, calls(1, 5));
    nowMs += 1_100;
    steps(2);
    assertThat(feed.fill().wentBackFromMs())
        .as("once it is filled the process sees the clock itself")
        .isEqualTo(T0 + 9_500);
  }

  @Test
  void ruleThatLooksBackBeyond1970_isFilledLikeAnyOther() throws Exception {
    int second = 0;
    for (String range : List.of("60y", "100y", "290y")) {
      long rangeMs = Durations.parseMillis(range);
      feed.follow(Selection.of(selection("calls_total").ranges().keySet(), 2 * rangeMs));
      SampleWork.WindowState own =
          new SampleWork.WindowState(
              feed,
              window,
              up,
              clock,
              () -> monotonicMs * 1_000_000,
              3_600_000,
              IdentifyingAttributes.DEFAULT);
      RecordKernel filling =
          new RecordKernel(
              "samples",
              PartitionChoice.all(List.of(Topic.METRICS.name(), Topic.DERIVED.name())),
              () -> new SampleWork(own),
              Aside.counting(meters),
              meters,
              System::nanoTime);
      second++;
      log.append(calls(second, 5));
      filling.open(new Source(log));
      filling.step();
      filling.step();
      assertThat(feed.fill().filled()).as(range).isTrue();
      filling.close();
    }
    assertThat(total()).isEqualTo(15);
  }

  @Test
  void recordThatCannotBeRead_costsItselfOnly() throws Exception {
    log.append(calls(1, 5));
    log.append(new byte[] {0x0a, 0x7f, 0x01});
    log.append(calls(2, 6));
    kernel.open(new Source(log));
    steps(2);
    assertThat(total()).isEqualTo(11);
    assertThat(
            meters
                .get("tocsin.dead.letters")
                .tags("topic", METRICS.topic(), "reason", "malformed")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void nothingCountsTwice_whenKafkaWasAway() throws Exception {
    log.append(calls(1, 5));
    kernel.open(new Source(log));
    steps(2);
    log.away = true;
    assertThatThrownBy(kernel::step).isInstanceOf(TimeoutException.class);
    kernel.close();
    long through = feed.fill().throughMs();
    nowMs += 60_000;
    log.append(calls(61, 6));
    kernel.open(new Source(log));
    assertThatThrownBy(kernel::step).isInstanceOf(TimeoutException.class);
    assertThat(feed.fill().throughMs()).isEqualTo(through);
    kernel.close();
    log.away = false;
    kernel.open(new Source(log));
    steps(2);
    assertThat(total()).isEqualTo(11);
    assertThat(feed.fill().throughMs()).isEqualTo(nowMs);
  }

  @Test
  void pointWithoutSeries_isMissing_alsoAfterARestart() throws Exception {
    log.append(calls(1, 5));
    log.append(outsized("calls", 2));
    log.append(outsized("other", 2));
    kernel.open(new Source(log));
    steps(2);
    assertThat(total()).isEqualTo(5);
    assertThat(window.outsized()).isEqualTo(new LiveWindow.Lack(Set.of("calls_total"), false));
    assertThat(window.refusals()).isEqualTo(Map.of(LiveWindow.Refusal.LABELS_TOO_LONG, 1L));
    feed.follow(selection("other_total"));
    steps(3);
    assertThat(window.outsized()).isEqualTo(new LiveWindow.Lack(Set.of("other_total"), false));
    kernel.close();

    LiveWindow next =
        new LiveWindow(new WindowLimits(100, 1_000, 1 << 20, 1_000, 300_000, 600_000));
    SampleWork.WindowState restarted =
        new SampleWork.WindowState(
            feed,
            next,
            up,
            clock,
            () -> monotonicMs * 1_000_000,
            3_600_000,
            IdentifyingAttributes.DEFAULT);
    RecordKernel successor =
        new RecordKernel(
            "samples",
            PartitionChoice.all(List.of(Topic.METRICS.name(), Topic.DERIVED.name())),
            () -> new SampleWork(restarted),
            Aside.counting(meters),
            meters,
            System::nanoTime);
    nowMs += 60_000;
    successor.open(new Source(log));
    successor.step();
    successor.step();
    assertThat(next.outsized().of("other_total")).isTrue();
    successor.close();
  }

  @Test
  void clockSetBack_isSeenBeforeWhatCameByItIsTakenIn() throws Exception {
    log.append(calls(1, 5));
    log.append(calls(9, 6));
    kernel.open(new Source(log));
    steps(2);
    nowMs = T0 + 4_000;
    monotonicMs += 1_000;
    log.append(calls(4, 7));
    steps(1);
    assertThat(totalAt(T0 + 3_900)).isEqualTo(11);
    assertThat(total()).isEqualTo(18);
  }

  @Test
  void anotherSelection_fillsTheWindowAnew() throws Exception {
    log.append(calls(1, 5));
    kernel.open(new Source(log));
    steps(2);
    feed.follow(Selection.of(selection("calls_total").ranges().keySet(), 600_000));
    assertThat(feed.fill().filled()).isFalse();
    nowMs += 1_000;
    steps(3);
    assertThat(feed.fill().filled()).isTrue();
    assertThat(total()).isEqualTo(5);
  }

  @Test
  void recreatedTopic_isReadFromItsBeginning_andALostTailIsNotReadAgain() throws Exception {
    log.append(calls(1, 5));
    log.append(calls(2, 6));
    kernel.open(new Source(log));
    steps(2);
    kernel.close();
    log.records.get(METRICS).remove(1);
    kernel.open(new Source(log));
    steps(1);
    log.append(calls(3, 7));
    steps(1);
    assertThat(total()).isEqualTo(18);
    kernel.close();
    log.records.get(METRICS).clear();
    log.topicId = Uuid.randomUuid();
    log.append(calls(4, 1));
    kernel.open(new Source(log));
    steps(2);
    assertThat(total()).isEqualTo(19);
  }
}
