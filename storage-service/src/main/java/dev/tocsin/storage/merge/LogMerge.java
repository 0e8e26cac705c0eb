package dev.tocsin.storage.merge;

import dev.tocsin.storage.segment.EncodedLogs;
import dev.tocsin.storage.segment.LogItem;
import dev.tocsin.storage.segment.LogSegment;
import dev.tocsin.storage.segment.LogSegments;
import java.util.ArrayList;
import java.util.List;

/** Many log segments to one. Pure. */
public final class LogMerge {
  private LogMerge() {}

  /**
   * @param segments at least one, of the same hour
   */
  public static EncodedLogs of(List<LogSegment> segments) {
    List<LogItem> items = new ArrayList<>();
    for (LogSegment segment : segments) {
      for (int row = 0; row < segment.count(); row++) {
        items.add(new LogItem(segment.origin(row), segment.log(row), segment.nanos(row)));
      }
    }
    return LogSegments.encode(items);
  }
}
