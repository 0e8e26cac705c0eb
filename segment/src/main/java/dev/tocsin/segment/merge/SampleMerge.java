package dev.tocsin.segment.merge;

import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.MetricPoints;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.segment.metric.SeriesSamples;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of many series with few samples to blocks of few series with many: all samples of a series
 * come together, and the series of a metric. Pure.
 */
public final class SampleMerge {
  /** Samples at which a block is full, but for what belongs together. */
  static final int BLOCK_SAMPLES = 12_000;

  private SampleMerge() {}

  /**
   * A block as stored.
   *
   * @param raw {@link RawMetrics}, or empty
   * @param metrics {@link EncodedMetrics#metrics}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  public record Block(
      List<SeriesSamples> series, byte[] raw, List<Integer> metrics, long minMs, long maxMs) {}

  /**
   * @param blocks at least one, of one source and hour, in the order in which readers put them
   *     together: of two samples of a series with the same time, the later one counts
   * @param metrics metric name by series; what has none is found by the hashes of all blocks
   */
  public static List<EncodedMetrics> of(List<Block> blocks, Map<Long, String> metrics) {
    Set<Integer> fallback = new HashSet<>();
    Map<Long, SeriesSamples> whole = new HashMap<>();
    MetricPoints points = new MetricPoints();
    for (Block block : blocks) {
      fallback.addAll(block.metrics());
      points.addAll(RawMetrics.decode(block.raw(), block.series()));
      for (SeriesSamples part : block.series()) {
        whole
            .computeIfAbsent(
                part.id(),
                id -> new SeriesSamples(id, metrics.getOrDefault(id, ""), part.accumulated()))
            .merge(part, Long.MIN_VALUE, Long.MAX_VALUE);
      }
    }
    List<List<SeriesSamples>> merged = blocks(whole, points);
    List<MetricPoints> shares = points.split(merged);
    List<EncodedMetrics> all = new ArrayList<>();
    for (int i = 0; i < merged.size(); i++) {
      byte[] raw = RawMetrics.encode(shares.get(i), merged.get(i));
      all.add(encode(merged.get(i), fallback).with(shares.get(i), raw));
    }
    return all;
  }

  /**
   * By metric name; but series that show the same OTLP points come into one block, as the points
   * are stored beside it.
   */
  private static List<List<SeriesSamples>> blocks(
      Map<Long, SeriesSamples> whole, MetricPoints points) {
    Map<Long, Long> leaders = points.leaders();
    List<SeriesSamples> sorted = new ArrayList<>(whole.values());
    sorted.sort(
        Comparator.comparing((SeriesSamples series) -> leader(series, leaders, whole).metric())
            .thenComparingLong(series -> leader(series, leaders, whole).id()));
    List<List<SeriesSamples>> merged = new ArrayList<>();
    List<SeriesSamples> block = new ArrayList<>();
    @Nullable SeriesSamples last = null;
    int samples = 0;
    for (SeriesSamples series : sorted) {
      SeriesSamples leader = leader(series, leaders, whole);
      if (samples >= BLOCK_SAMPLES && leader != last) {
        merged.add(block);
        block = new ArrayList<>();
        samples = 0;
      }
      last = leader;
      block.add(series);
      samples += series.size();
    }
    if (!block.isEmpty()) {
      merged.add(block);
    }
    return merged;
  }

  private static SeriesSamples leader(
      SeriesSamples series, Map<Long, Long> leaders, Map<Long, SeriesSamples> whole) {
    return whole.getOrDefault(leaders.getOrDefault(series.id(), series.id()), series);
  }

  private static EncodedMetrics encode(List<SeriesSamples> block, Collection<Integer> fallback) {
    EncodedMetrics encoded = MetricBlocks.encode(block);
    if (block.stream().noneMatch(series -> series.metric().isEmpty())) {
      return encoded;
    }
    TreeSet<Integer> all = new TreeSet<>(List.of(encoded.metrics()));
    all.addAll(fallback);
    return new EncodedMetrics(
        encoded.count(),
        encoded.minMs(),
        encoded.maxMs(),
        all.toArray(Integer[]::new),
        encoded.data(),
        encoded.raw(),
        encoded.unpacked());
  }
}
