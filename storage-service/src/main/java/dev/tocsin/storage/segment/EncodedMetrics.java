package dev.tocsin.storage.segment;

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

  /** The block with {@link RawMetrics} beside it. */
  public EncodedMetrics withRaw(byte[] rawMetrics) {
    return new EncodedMetrics(count, minMs, maxMs, metrics, data, rawMetrics);
  }
}
