package dev.tocsin.segment.metric;

import dev.tocsin.segment.index.Hashes;

/**
 * A block of samples ready to be stored.
 *
 * @param count samples
 * @param minMs time of the earliest sample, milliseconds since 1970
 * @param metrics {@link Hashes#metric} of the metric names, ascending, each once
 * @param raw {@link RawMetrics}, or empty
 * @param unpacked bytes that samples and points take in memory, about
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record EncodedMetrics(
    int count, long minMs, long maxMs, Integer[] metrics, byte[] data, byte[] raw, int unpacked) {

  /** The block with its points beside it. */
  public EncodedMetrics with(MetricPoints points, byte[] rawMetrics) {
    return new EncodedMetrics(
        count, minMs, maxMs, metrics, data, rawMetrics, capped(unpacked + points.bytes()));
  }

  static int capped(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }
}
