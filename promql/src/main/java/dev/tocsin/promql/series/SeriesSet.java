package dev.tocsin.promql.series;

/**
 * A cursor over series in ascending {@link Labels} order, each label set once.
 *
 * <pre>{@code
 * try (SeriesSet set = source.select(request)) {
 *   while (set.next()) {
 *     Labels labels = set.labels();
 *     SampleCursor samples = set.samples();
 *     ...
 *   }
 * }
 * }</pre>
 */
public interface SeriesSet extends AutoCloseable {
  /**
   * Moves to the next series, the first at the first call. The cursor of the series before becomes
   * invalid.
   *
   * @return false when there is none
   */
  boolean next();

  /** The labels of the current series. */
  Labels labels();

  /** The samples of the current series. Asked for once per series. */
  SampleCursor samples();

  /** Releases what the set holds. Idempotent; no further call is made. */
  @Override
  void close();

  /** A set of no series. */
  static SeriesSet empty() {
    return new EmptySeriesSet();
  }
}
