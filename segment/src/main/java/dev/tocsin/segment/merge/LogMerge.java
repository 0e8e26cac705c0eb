package dev.tocsin.segment.merge;

import dev.tocsin.segment.log.EncodedLogs;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.log.LogSegments;

/** Many log segments to one. Pure. */
public final class LogMerge {
  private LogMerge() {}

  /**
   * @param segments at least one, of the same hour; each is used until the next is asked for
   * @param bytesMax of all records together
   * @throws TooLargeException when they take more
   */
  public static EncodedLogs of(Iterable<LogSegment> segments, long bytesMax) {
    MergedRows rows = new MergedRows(bytesMax);
    for (LogSegment segment : segments) {
      for (int row = 0; row < segment.count(); row++) {
        rows.add(segment.origin(row), segment.log(row), segment.nanos(row));
      }
    }
    return LogSegments.encode(rows.rows());
  }
}
