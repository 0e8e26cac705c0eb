package dev.tocsin.segment.metric;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Points of one metric that have their attributes, flags, bounds and kind of numbers in common, in
 * the order in which they came; see {@link PointShape}. Not thread-safe.
 *
 * @param <P> the type of the points
 */
final class PointStream<P extends Message> {
  final Key key;
  final PointShape<P> shape;
  final P constant;

  /** Numbers of a point. */
  final int width;

  /** Series that PromQL has of the points, in the order of PrometheusSeries. */
  final long[] seriesIds;

  private final List<ByteString> rests = new ArrayList<>();
  private final Map<Integer, List<Exemplar>> exemplars = new HashMap<>();
  private long[] times;
  private long[] starts;
  private long[] numbers;
  private int size;
  private long bytes;

  /**
   * What tells streams apart, each as protobuf bytes.
   *
   * @param resource of {@code ResourceMetrics} without scopes
   * @param scope of {@code ScopeMetrics} without metrics
   * @param metric of {@code Metric} without points
   * @param constant see {@link PointShape#constant}
   */
  record Key(ByteString resource, ByteString scope, ByteString metric, ByteString constant) {}

  PointStream(Key key, PointShape<P> shape, long[] seriesIds) {
    this.key = key;
    this.shape = shape;
    this.constant = shape.constant(key.constant());
    this.width = shape.size(constant);
    this.seriesIds = seriesIds;
    this.bytes = 500 + 3L * key.constant().size() + (long) Long.BYTES * seriesIds.length;
    // Points may be wide, and most streams of wide points have one in a flush.
    int room = width <= 16 ? 4 : 1;
    this.times = new long[room];
    this.starts = new long[room];
    this.numbers = new long[room * width];
  }

  void add(P point, long time, long start, List<Exemplar> pointExemplars) {
    add(time, start, shape.numbers(point), shape.rest(point), pointExemplars);
  }

  void add(
      long time, long start, long[] pointNumbers, ByteString rest, List<Exemplar> pointExemplars) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
      numbers = Arrays.copyOf(numbers, Math.multiplyExact(2 * size, width));
    }
    times[size] = time;
    starts[size] = start;
    System.arraycopy(pointNumbers, 0, numbers, size * width, width);
    if (shape == PointShape.EXPONENTIALS) {
      rests.add(rest);
    }
    if (!pointExemplars.isEmpty()) {
      exemplars.put(size, pointExemplars);
    }
    size++;
    bytes += bytesOf(rest, pointExemplars);
  }

  void addAll(PointStream<?> same) {
    for (int i = 0; i < same.size; i++) {
      add(same.times[i], same.starts[i], same.numbers(i), same.rest(i), same.exemplars(i));
    }
  }

  /** Bytes it takes in memory, about; what streams share is not counted. */
  long bytes() {
    return bytes;
  }

  private long bytesOf(ByteString rest, List<Exemplar> pointExemplars) {
    long bytesOfPoint = (2L + width) * Long.BYTES;
    if (shape == PointShape.EXPONENTIALS) {
      bytesOfPoint += 40 + rest.size();
    }
    for (Exemplar exemplar : pointExemplars) {
      bytesOfPoint += 200 + 3L * exemplar.getSerializedSize();
    }
    return bytesOfPoint;
  }

  int size() {
    return size;
  }

  long time(int index) {
    return times[index];
  }

  long start(int index) {
    return starts[index];
  }

  long[] numbers(int index) {
    return Arrays.copyOfRange(numbers, index * width, (index + 1) * width);
  }

  long number(int index, int number) {
    return numbers[index * width + number];
  }

  ByteString rest(int index) {
    return rests.isEmpty() ? ByteString.EMPTY : rests.get(index);
  }

  List<Exemplar> exemplars(int index) {
    return exemplars.getOrDefault(index, List.of());
  }

  boolean hasExemplars() {
    return !exemplars.isEmpty();
  }

  /** Adds the points to their metric. */
  void addTo(Metric.Builder metric) {
    for (int i = 0; i < size; i++) {
      shape.add(constant, times[i], starts[i], numbers(i), rest(i), exemplars(i), metric);
    }
  }
}
