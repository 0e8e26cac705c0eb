package dev.tocsin.alert.window;

/**
 * What bounds a window.
 *
 * @param seriesMax new series beyond it are refused
 * @param samplesMax samples in all; beyond it new ones are refused
 * @param labelsMax characters of all series' labels; beyond it new series are refused
 * @param resolutionMs samples of delta series closer together become one
 * @param lookbackMs how long a value stands without a newer one, as the engine has it
 * @param futureMs samples further ahead of the clock are refused
 */
public record WindowLimits(
    int seriesMax,
    long samplesMax,
    long labelsMax,
    long resolutionMs,
    long lookbackMs,
    long futureMs) {
  /** Time and value, and what an array that has just grown holds free. */
  private static final int SAMPLE_BYTES = 24;

  /** A series without samples and the text of its labels. */
  private static final int SERIES_BYTES = 700;

  /** These limits, as far as a window that reaches them all takes less than half of a heap. */
  public WindowLimits within(long heapBytes) {
    return new WindowLimits(
        (int) Math.min(seriesMax, Math.max(1, heapBytes / 8 / SERIES_BYTES)),
        Math.min(samplesMax, Math.max(1, heapBytes / 5 / SAMPLE_BYTES)),
        Math.min(labelsMax, Math.max(1, heapBytes / 8)),
        resolutionMs,
        lookbackMs,
        futureMs);
  }
}
