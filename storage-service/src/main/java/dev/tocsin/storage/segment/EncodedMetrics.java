package dev.tocsin.storage.segment;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Stream;

/**
 * A block of samples ready to be stored.
 *
 * @param count samples
 * @param minMs time of the earliest sample, milliseconds since 1970
 * @param metrics {@link Hashes#metric} of the metric names, ascending, each once
 * @param raw {@link RawMetrics}, or empty
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record EncodedMetrics(
    int count, long minMs, long maxMs, Integer[] metrics, byte[] data, byte[] raw) {

  /**
   * The block with {@link RawMetrics} beside it.
   *
   * @param names metric names it is to be found by, beside those of its samples
   */
  public EncodedMetrics withRaw(byte[] rawMetrics, Collection<String> names) {
    Integer[] all =
        Stream.concat(Arrays.stream(metrics), names.stream().map(Hashes::metric))
            .distinct()
            .sorted()
            .toArray(Integer[]::new);
    return new EncodedMetrics(count, minMs, maxMs, all, data, rawMetrics);
  }

  /** The block with a range that also holds the times from one to the other, both inclusive. */
  public EncodedMetrics reaching(long fromMs, long toMs) {
    return new EncodedMetrics(
        count, Math.min(minMs, fromMs), Math.max(maxMs, toMs), metrics, data, raw);
  }
}
