package dev.tocsin.storage.merge;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.segment.EncodedMetrics;
import dev.tocsin.storage.segment.MetricBlocks;
import dev.tocsin.storage.segment.RawMetrics;
import dev.tocsin.storage.segment.SeriesSamples;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    blocks.forEach(block -> fallback.addAll(block.metrics()));
    return withRaw(samples(blocks, metrics, fallback), blocks);
  }

  private static List<EncodedMetrics> samples(
      List<Block> blocks, Map<Long, String> metrics, Collection<Integer> fallback) {
    Map<Long, SeriesSamples> whole = new HashMap<>();
    for (Block block : blocks) {
      for (SeriesSamples part : block.series()) {
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

  /**
   * Puts the metrics that were kept as they came beside the merged samples, those of one name
   * together and evenly, as a search for one metric reads all that is in a block. A metric may have
   * points in the whole hour, so its block reaches as far as the blocks it came from.
   */
  private static List<EncodedMetrics> withRaw(List<EncodedMetrics> merged, List<Block> sources) {
    List<Block> some = sources.stream().filter(block -> block.raw().length > 0).toList();
    if (some.isEmpty()) {
      return merged;
    }
    long fromMs = some.stream().mapToLong(Block::minMs).min().orElseThrow();
    long toMs = some.stream().mapToLong(Block::maxMs).max().orElseThrow();
    long total = 0;
    List<List<ByteString>> shares = new ArrayList<>();
    merged.forEach(block -> shares.add(new ArrayList<>()));
    var byName = RawMetrics.byName(some.stream().map(Block::raw).toList());
    long whole = byName.values().stream().flatMap(List::stream).mapToLong(ByteString::size).sum();
    for (List<ByteString> metric : byName.values()) {
      shares.get((int) (total * merged.size() / whole)).addAll(metric);
      total += metric.stream().mapToLong(ByteString::size).sum();
    }
    List<EncodedMetrics> all = new ArrayList<>();
    for (int i = 0; i < merged.size(); i++) {
      List<ByteString> share = shares.get(i);
      all.add(
          share.isEmpty()
              ? merged.get(i)
              : merged
                  .get(i)
                  .withRaw(RawMetrics.encode(share), RawMetrics.seriesNames(share))
                  .reaching(fromMs, toMs));
    }
    return all;
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
        encoded.raw());
  }
}
