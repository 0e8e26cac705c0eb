package dev.tocsin.storage.merge;

import dev.tocsin.storage.segment.EncodedMetrics;
import dev.tocsin.storage.segment.MetricBlocks;
import dev.tocsin.storage.segment.SeriesSamples;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Blocks of many series with few samples to blocks of few series with many: all samples of a series
 * come together, and the series of a metric. Pure.
 */
public final class SampleMerge {
  /** Samples at which a block is full. */
  static final int BLOCK_SAMPLES = 12_000;

  private SampleMerge() {}

  /**
   * @param blocks of one source and hour, in the order in which readers put them together: of two
   *     samples of a series with the same time, the later one counts
   * @param metrics metric name by series
   * @param fallback {@code metrics} of the blocks, for series without a known name
   */
  public static List<EncodedMetrics> of(
      List<List<SeriesSamples>> blocks, Map<Long, String> metrics, Collection<Integer> fallback) {
    Map<Long, SeriesSamples> whole = new HashMap<>();
    for (List<SeriesSamples> block : blocks) {
      for (SeriesSamples part : block) {
        whole
            .computeIfAbsent(
                part.id(),
                id -> new SeriesSamples(id, metrics.getOrDefault(id, ""), part.accumulated()))
            .merge(part, Long.MIN_VALUE, Long.MAX_VALUE);
      }
    }
    List<SeriesSamples> sorted = new ArrayList<>(whole.values());
    sorted.sort(Comparator.comparing(SeriesSamples::metric).thenComparingLong(SeriesSamples::id));
    List<EncodedMetrics> merged = new ArrayList<>();
    List<SeriesSamples> block = new ArrayList<>();
    int samples = 0;
    for (SeriesSamples series : sorted) {
      block.add(series);
      samples += series.size();
      if (samples >= BLOCK_SAMPLES) {
        merged.add(encode(block, fallback));
        block.clear();
        samples = 0;
      }
    }
    if (!block.isEmpty()) {
      merged.add(encode(block, fallback));
    }
    return merged;
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
        encoded.data());
  }
}
