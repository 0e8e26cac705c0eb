package dev.tocsin.segment.metric;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.prometheus.SeriesNaming;
import dev.tocsin.otlp.prometheus.SeriesSink;
import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.LongPredicate;
import java.util.function.ObjLongConsumer;

/**
 * OTLP metric points beside the block of their samples: what the samples do not say. What they say
 * is predicted, and each number stored as its difference to the prediction, which is 0 but for the
 * odd one; so nothing is lost whatever the samples are, and the block must be at hand to read the
 * points.
 *
 * <p>Sections: {@code texts} (resources, scopes, metrics without points, what points have in
 * common), {@code streams} (which of those, points, series by their index in the block), the {@link
 * Clock}, {@code times} (which of them, against the series' next sample), {@code starts}, {@code
 * numbers}, {@code rests}, {@code exemplars}.
 */
public final class RawMetrics {
  private static final int STREAMS_MAX = 1 << 24;
  private static final int POINTS_MAX = 1 << 28;
  private static final int SAME_START = 0;
  private static final int SINCE_LAST = 1;
  private static final int OTHER_START = 2;

  private RawMetrics() {}

  /**
   * @param block all series of the block beside it
   * @return empty when there are no points
   */
  public static byte[] encode(MetricPoints points, Collection<SeriesSamples> block) {
    if (points.isEmpty()) {
      return new byte[0];
    }
    return new Encoder(MetricBlocks.sorted(block)).encode(points.streams());
  }

  private static final class Encoder {
    private final List<SeriesSamples> block;
    private final Map<Long, Integer> indexes = new HashMap<>();
    private final Map<ByteString, Integer> texts = new LinkedHashMap<>();
    private final Map<ByteString, Long> lastStarts = new HashMap<>();
    private final ColumnWriter directory = new ColumnWriter();
    private final ColumnWriter times = new ColumnWriter();
    private final ColumnWriter starts = new ColumnWriter();
    private final ColumnWriter numbers = new ColumnWriter();
    private final ColumnWriter rests = new ColumnWriter();
    private final ColumnWriter exemplars = new ColumnWriter();
    private long[] clock = {};

    Encoder(List<SeriesSamples> block) {
      this.block = block;
      for (int i = 0; i < block.size(); i++) {
        indexes.put(block.get(i).id(), i);
      }
    }

    byte[] encode(Collection<PointStream<?>> unsorted) {
      List<PointStream<?>> streams = new ArrayList<>(unsorted);
      streams.sort(Comparator.comparingInt(this::firstIndex));
      clock = Clock.of(streams);
      directory.unsigned(streams.size());
      int previous = 0;
      for (PointStream<?> stream : streams) {
        previous = describe(stream, previous);
        new StreamWriter<>(stream).write();
      }
      return sections();
    }

    private int firstIndex(PointStream<?> stream) {
      return stream.seriesIds.length == 0 ? -1 : indexes.getOrDefault(stream.seriesIds[0], -1);
    }

    private int describe(PointStream<?> stream, int previousIndex) {
      directory.unsigned(text(stream.key.resource()));
      directory.unsigned(text(stream.key.scope()));
      directory.unsigned(text(stream.key.metric()));
      directory.unsigned(text(stream.key.constant()));
      directory.unsigned(stream.size());
      directory.unsigned(stream.seriesIds.length);
      int previous = previousIndex;
      for (long id : stream.seriesIds) {
        // One more, so that 0 is none.
        int index = indexes.getOrDefault(id, -1) + 1;
        directory.signed(index - previous);
        previous = index;
      }
      return previous;
    }

    private int text(ByteString text) {
      return texts.computeIfAbsent(text, unused -> texts.size());
    }

    private final class StreamWriter<P extends Message> {
      private final PointStream<P> stream;
      private final Prediction<P> prediction;

      StreamWriter(PointStream<P> stream) {
        this.stream = stream;
        List<SeriesSamples> series = new ArrayList<>();
        for (long id : stream.seriesIds) {
          int index = indexes.getOrDefault(id, -1);
          series.add(index < 0 ? NO_SERIES : block.get(index));
        }
        this.prediction = new Prediction<>(stream, series, clock);
      }

      void write() {
        long start = lastStarts.getOrDefault(stream.key.resource(), 0L);
        for (int i = 0; i < stream.size(); i++) {
          long time = stream.time(i);
          int expected = prediction.nextTime();
          times.signed(prediction.move(time) - expected);
          start = writeStart(start, i);
          long[] predicted = prediction.numbers(i);
          for (int n = 0; n < stream.width; n++) {
            numbers.signed(stream.number(i, n) - predicted[n]);
          }
          if (stream.shape == PointShape.EXPONENTIALS) {
            rests.bytes(stream.rest(i));
          }
        }
        lastStarts.put(stream.key.resource(), start);
        exemplars.unsigned(stream.hasExemplars() ? 1 : 0);
        for (int i = 0; stream.hasExemplars() && i < stream.size(); i++) {
          exemplars.unsigned(stream.exemplars(i).size());
          stream.exemplars(i).forEach(each -> exemplars.bytes(each.toByteString()));
        }
      }

      private long writeStart(long last, int i) {
        long start = stream.start(i);
        if (start == last) {
          starts.unsigned(SAME_START);
        } else if (i > 0 && start == stream.time(i - 1)) {
          starts.unsigned(SINCE_LAST);
        } else {
          starts.unsigned(OTHER_START);
          starts.signed(stream.time(i) - start);
        }
        return start;
      }
    }

    private byte[] sections() {
      ColumnWriter words = new ColumnWriter();
      words.unsigned(texts.size());
      texts.keySet().forEach(words::bytes);
      Sections.Writer sections = new Sections.Writer();
      sections.add("texts", words);
      sections.add("streams", directory);
      Clock.write(clock, block, sections);
      sections.add("times", times);
      sections.add("starts", starts);
      sections.add("numbers", numbers);
      sections.add("rests", rests);
      sections.add("exemplars", exemplars);
      return sections.toBytes();
    }
  }

  private static final SeriesSamples NO_SERIES = new SeriesSamples(0, "", false);

  /**
   * @param raw as {@link #encode} made it
   * @param block the block beside it, as {@link MetricBlocks#decode} has it
   * @throws SegmentFormatException when it is something else
   */
  public static MetricPoints decode(byte[] raw, List<SeriesSamples> block) {
    MetricPoints points = new MetricPoints();
    if (raw.length > 0) {
      new Decoder(raw, block).decode().forEach(points::add);
    }
    return points;
  }

  private static final class Decoder {
    private final List<SeriesSamples> block;
    private final Directory streams;
    private final ColumnReader times;
    private final ColumnReader starts;
    private final ColumnReader numbers;
    private final ColumnReader rests;
    private final ColumnReader exemplars;
    private final long[] clock;
    private final Map<ByteString, Long> lastStarts = new HashMap<>();

    Decoder(byte[] raw, List<SeriesSamples> block) {
      this.block = block;
      Sections.Reader sections = new Sections.Reader(raw);
      this.streams = new Directory(sections);
      this.times = sections.section("times");
      this.starts = sections.section("starts");
      this.numbers = sections.section("numbers");
      this.rests = sections.section("rests");
      this.exemplars = sections.section("exemplars");
      this.clock = Clock.read(sections, block);
    }

    List<PointStream<?>> decode() {
      List<PointStream<?>> all = new ArrayList<>();
      while (streams.next()) {
        PointShape<?> shape = streams.shape();
        all.add(read(shape));
      }
      return all;
    }

    private <P extends Message> PointStream<P> read(PointShape<P> shape) {
      List<SeriesSamples> series = new ArrayList<>();
      long[] ids = new long[streams.series.length];
      for (int i = 0; i < ids.length; i++) {
        int index = streams.series[i];
        if (index > block.size()) {
          throw new SegmentFormatException(
              "series " + index + " (expected: one of " + block.size() + ")");
        }
        series.add(index == 0 ? NO_SERIES : block.get(index - 1));
        ids[i] = series.get(i).id();
      }
      PointStream<P> stream = new PointStream<>(streams.key(), shape, ids);
      Prediction<P> prediction = new Prediction<>(stream, series, clock);
      ByteString resource = stream.key.resource();
      long start = lastStarts.getOrDefault(resource, 0L);
      boolean withExemplars = exemplars.unsigned() == 1;
      for (int i = 0; i < streams.points; i++) {
        long index = prediction.nextTime() + times.signed();
        if (index < 0 || index >= clock.length) {
          throw new SegmentFormatException(
              "time " + index + " (expected: one of " + clock.length + ")");
        }
        long time = clock[(int) index];
        int unused = prediction.move(time);
        start = readStart(start, time, i, stream);
        long[] read = prediction.numbers(i);
        for (int n = 0; n < read.length; n++) {
          read[n] += numbers.signed();
        }
        ByteString rest = shape == PointShape.EXPONENTIALS ? rests.bytes() : ByteString.EMPTY;
        stream.add(time, start, read, rest, withExemplars ? readExemplars(exemplars) : List.of());
      }
      lastStarts.put(resource, start);
      return stream;
    }

    private long readStart(long last, long time, int i, PointStream<?> stream) {
      int code = starts.octet();
      return switch (code) {
        case SAME_START -> last;
        case SINCE_LAST -> stream.time(i - 1);
        case OTHER_START -> time - starts.signed();
        default -> throw new SegmentFormatException("start " + code + " (expected: 0-2)");
      };
    }
  }

  private static List<Exemplar> readExemplars(ColumnReader in) {
    int count = in.count(in.remaining());
    List<Exemplar> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try {
        all.add(Exemplar.parseFrom(in.bytes()));
      } catch (InvalidProtocolBufferException e) {
        throw new SegmentFormatException("stored exemplar: " + e.getMessage(), e);
      }
    }
    return all;
  }

  /** Reads the streams one after the other. */
  private static final class Directory {
    private final List<ByteString> texts = new ArrayList<>();
    private final ColumnReader in;
    private final int count;
    private int read;
    private int previous;
    private ByteString resource = ByteString.EMPTY;
    private ByteString scope = ByteString.EMPTY;
    private ByteString metric = ByteString.EMPTY;
    private ByteString constant = ByteString.EMPTY;
    int points;

    /** Indexes in the block, and one more; 0 is none. */
    int[] series = {};

    Directory(Sections.Reader sections) {
      ColumnReader words = sections.section("texts");
      int size = words.count(words.remaining());
      for (int i = 0; i < size; i++) {
        texts.add(words.bytes());
      }
      in = sections.section("streams");
      count = in.count(STREAMS_MAX);
    }

    boolean next() {
      if (read++ == count) {
        return false;
      }
      resource = texts.get(in.index(texts.size()));
      scope = texts.get(in.index(texts.size()));
      metric = texts.get(in.index(texts.size()));
      constant = texts.get(in.index(texts.size()));
      points = in.count(POINTS_MAX);
      series = new int[in.count(in.remaining())];
      for (int i = 0; i < series.length; i++) {
        previous += (int) in.signed();
        series[i] = previous;
        if (previous < 0) {
          throw new SegmentFormatException("series " + previous + " (expected: 0 or more)");
        }
      }
      return true;
    }

    PointStream.Key key() {
      return new PointStream.Key(resource, scope, metric, constant);
    }

    PointShape<?> shape() {
      try {
        return PointShape.of(Metric.parseFrom(metric));
      } catch (InvalidProtocolBufferException e) {
        throw new SegmentFormatException("stored metric: " + e.getMessage(), e);
      }
    }
  }

  /** Bytes that stored points take before any is made of them. */
  public static long inflated(byte[] raw) {
    return raw.length == 0 ? 0 : new Sections.Reader(raw).inflated();
  }

  /**
   * Passes on every exemplar of the series wanted, by the id of its series; the block is not
   * needed. How a series was named depends on what came with it, and on the version that stored it;
   * so each name that it may have is tried, beginning with the longest.
   *
   * @param raw as {@link #encode} made it
   * @param attributes that series are named by
   */
  public static void exemplars(
      byte[] raw,
      IdentifyingAttributes attributes,
      LongPredicate wanted,
      ObjLongConsumer<Exemplar> found) {
    if (raw.length == 0) {
      return;
    }
    Sections.Reader sections = new Sections.Reader(raw);
    ColumnReader in = sections.section("exemplars");
    Directory streams = new Directory(sections);
    while (streams.next()) {
      if (in.unsigned() == 0) {
        continue;
      }
      List<Exemplar> all = new ArrayList<>();
      for (int i = 0; i < streams.points; i++) {
        all.addAll(readExemplars(in));
      }
      pass(streams.key(), streams.shape(), all, attributes, wanted, found);
    }
  }

  private static <P extends Message> void pass(
      PointStream.Key key,
      PointShape<P> shape,
      List<Exemplar> exemplars,
      IdentifyingAttributes attributes,
      LongPredicate wanted,
      ObjLongConsumer<Exemplar> found) {
    PointStream<P> stream = new PointStream<>(key, shape, new long[0]);
    stream.add(1, 0, new long[stream.width], ByteString.EMPTY, exemplars);
    ResourceMetrics one = MetricPoints.request(stream).getResourceMetrics(0);
    ScopeMetrics scope = one.getScopeMetrics(0);
    for (SortedMap<String, String> identity : identities(one, scope, attributes)) {
      Wanted sink = new Wanted(wanted, found);
      PrometheusSeries.read(identity, scope.getMetrics(0), sink);
      if (sink.any) {
        return;
      }
    }
  }

  private static Set<SortedMap<String, String>> identities(
      ResourceMetrics resource, ScopeMetrics scope, IdentifyingAttributes attributes) {
    Set<SortedMap<String, String>> identities = new LinkedHashSet<>();
    for (SortedMap<String, String> labels :
        List.of(
            attributes.labels(resource.getResource()),
            PrometheusSeries.identity(resource.getResource()))) {
      identities.add(SeriesNaming.withScope(labels, scope.getScope()));
      identities.add(labels);
    }
    return identities;
  }

  /** Passes on exemplars of series that are wanted. */
  private static final class Wanted implements SeriesSink {
    private final LongPredicate wanted;
    private final ObjLongConsumer<Exemplar> found;
    private boolean any;

    Wanted(LongPredicate wanted, ObjLongConsumer<Exemplar> found) {
      this.wanted = wanted;
      this.found = found;
    }

    @Override
    public void sample(
        SortedMap<String, String> labels, Kind kind, long timeMs, long startMs, double value) {}

    @Override
    public void exemplar(SortedMap<String, String> labels, Exemplar exemplar) {
      long id = SeriesId.of(labels);
      if (wanted.test(id)) {
        any = true;
        found.accept(exemplar, id);
      }
    }
  }
}
