package dev.tocsin.storage.ports;

import dev.tocsin.segment.log.EncodedLogs;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.summary.ExceptionRow;
import dev.tocsin.segment.summary.SpanSummary;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a contiguous range of offsets of one Kafka partition became; stored whole or not at all.
 *
 * @param epoch of the offsets, see {@link dev.tocsin.common.kafka.Resume}
 * @param expectedOffset first offset of the range
 * @param nextOffset first offset after it
 * @param content possibly empty: a range may hold only records that were put aside
 */
public record Batch(
    String topic, int part, int epoch, long expectedOffset, long nextOffset, Content content) {
  private static final int OFFSET_BITS = 48;
  private static final int EPOCHS = 1 << (Long.SIZE - 1 - OFFSET_BITS);

  /** A range of the first epoch. */
  public Batch(String topic, int part, long expectedOffset, long nextOffset, Content content) {
    this(topic, part, 0, expectedOffset, nextOffset, content);
  }

  /**
   * What names an offset of a partition for ever: it is in the keys of all that is stored. Ids
   * ascend in the order of reading. Epochs come round after 32,768, long after the first ones are
   * past their retention.
   */
  public static long id(int epoch, long offset) {
    return (long) (epoch % EPOCHS) << OFFSET_BITS | offset;
  }

  /** Segments of one signal; each spans at most an hour. */
  public sealed interface Content {
    int items();

    int segments();

    long bytes();

    /** Times of its rows, for the partitions they need. */
    List<Instant> starts();
  }

  /** Moves the offset over records of which nothing is stored. */
  public static Batch skip(
      String topic, int part, int epoch, long expectedOffset, long nextOffset) {
    return new Batch(
        topic, part, epoch, expectedOffset, nextOffset, new Spans(List.of(), List.of()));
  }

  /**
   * Spans, and what they add to the tables beside.
   *
   * @param operations those to be entered in the catalogue
   */
  public record Spans(
      List<EncodedSpans> parts, List<EncodedSpans.Operation> operations, SpanSummary summary)
      implements Content {
    /** Spans without a summary. */
    public Spans(List<EncodedSpans> parts, List<EncodedSpans.Operation> operations) {
      this(parts, operations, SpanSummary.NONE);
    }

    @Override
    public int items() {
      return parts.stream().mapToInt(EncodedSpans::count).sum();
    }

    @Override
    public int segments() {
      return parts.size();
    }

    @Override
    public long bytes() {
      return parts.stream().mapToLong(EncodedSpans::bytes).sum();
    }

    @Override
    public List<Instant> starts() {
      return Stream.of(
              parts.stream().map(part -> instant(part.minNanos())),
              summary.red().stream().map(row -> minute(row.minute())),
              summary.edges().stream().map(row -> minute(row.minute())),
              summary.exceptions().stream().map(row -> minute(row.minute())))
          .flatMap(times -> times)
          .toList();
    }
  }

  /** Log records, and the exceptions they tell of. */
  public record Logs(List<EncodedLogs> parts, List<ExceptionRow> exceptions) implements Content {
    /** Log records without exceptions. */
    public Logs(List<EncodedLogs> parts) {
      this(parts, List.of());
    }

    @Override
    public int items() {
      return parts.stream().mapToInt(EncodedLogs::count).sum();
    }

    @Override
    public int segments() {
      return parts.size();
    }

    @Override
    public long bytes() {
      return parts.stream().mapToLong(EncodedLogs::bytes).sum();
    }

    @Override
    public List<Instant> starts() {
      return Stream.concat(
              parts.stream().map(part -> instant(part.minNanos())),
              exceptions.stream().map(row -> minute(row.minute())))
          .toList();
    }
  }

  /**
   * Samples.
   *
   * @param source where they came from
   * @param series those to be entered in the catalogue, by ascending id
   * @param metadata likewise
   * @param totals accumulated totals as of the batch's end, when they are due
   */
  public record Samples(
      int source,
      List<EncodedMetrics> parts,
      List<SeriesEntry> series,
      List<MetricEntry> metadata,
      Optional<EncodedMetrics> totals)
      implements Content {
    /** Samples of metrics that are known. */
    public Samples(
        int source,
        List<EncodedMetrics> parts,
        List<SeriesEntry> series,
        Optional<EncodedMetrics> totals) {
      this(source, parts, series, List.of(), totals);
    }

    @Override
    public int items() {
      return parts.stream().mapToInt(EncodedMetrics::count).sum();
    }

    @Override
    public int segments() {
      return parts.size();
    }

    @Override
    public long bytes() {
      return parts.stream().mapToLong(p -> (long) p.data().length + p.raw().length).sum();
    }

    @Override
    public List<Instant> starts() {
      return parts.stream().map(p -> Instant.ofEpochMilli(p.minMs())).toList();
    }
  }

  /** A series as the catalogue knows it; labels as a JSON object with {@code __name__}. */
  public record SeriesEntry(long id, String metric, String labelsJson, long seenMs) {}

  /**
   * What a sender says of a metric.
   *
   * @param id of all but the time
   * @param metric its Prometheus name
   * @param type counter, gauge, histogram or summary
   */
  public record MetricEntry(
      long id, String metric, String type, String help, String unit, long seenMs) {}

  private static Instant minute(long minutes) {
    return Instant.ofEpochSecond(minutes * 60);
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
  }
}
