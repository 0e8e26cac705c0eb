package dev.tocsin.promql.series;

import dev.tocsin.promql.text.PromqlException;

/**
 * Where the engine reads samples from. Implementations answer from memory, from stored blocks or
 * from another server.
 *
 * <p>Threads: {@code select} may be called by many queries at once; one {@link SeriesSet} belongs
 * to the query that asked for it and is used by one thread at a time. A query selects each selector
 * of its expression once.
 */
public interface SeriesSource {
  /**
   * The series that pass all matchers and have samples between {@link SelectRequest#startMs()} and
   * {@link SelectRequest#endMs()}, both inclusive. A source may return more series (without samples
   * in the range) and earlier or later samples; the engine ignores what it does not need. An
   * unknown metric is an empty set, not an error.
   *
   * @throws PromqlException kind LIMIT when the source would have to read too much, TIMEOUT or
   *     CANCELED when it gave up
   */
  SeriesSet select(SelectRequest request);
}
