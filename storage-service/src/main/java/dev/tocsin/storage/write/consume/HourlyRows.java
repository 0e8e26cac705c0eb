package dev.tocsin.storage.write.consume;

import dev.tocsin.segment.core.ItemRows;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a buffer holds of spans or log records, filed by the hour, which bounds the time a segment
 * spans. The memory of what was drained last is used again once it is stored.
 */
final class HourlyRows {
  /** A buffer for each partition and signal keeps that much while it waits. */
  private static final int SPARE_BYTES_MAX = 8 << 20;

  private TreeMap<Long, ItemRows> byHour = new TreeMap<>();
  private List<ItemRows> inFlight = List.of();
  private @Nullable ItemRows spare;
  private @Nullable ItemRows last;
  private long lastHour;
  private int items;

  /** Where an item of that time is to be added, which counts it. */
  ItemRows at(long nanos) {
    items++;
    long hour = Window.bucketOfNanos(nanos);
    ItemRows rows = last;
    if (rows == null || hour != lastHour) {
      rows = byHour.computeIfAbsent(hour, h -> fresh());
      last = rows;
      lastHour = hour;
    }
    return rows;
  }

  private ItemRows fresh() {
    ItemRows rows = spare == null ? new ItemRows() : spare;
    spare = null;
    return rows;
  }

  int items() {
    return items;
  }

  /** Takes everything out, hour by hour. */
  List<ItemRows> drain() {
    inFlight = List.copyOf(byHour.values());
    byHour = new TreeMap<>();
    last = null;
    items = 0;
    return inFlight;
  }

  /** What was drained last is not needed any more. */
  void stored() {
    for (ItemRows rows : inFlight) {
      if (rows.bytesKept() <= SPARE_BYTES_MAX) {
        rows.clear();
        spare = rows;
      }
    }
    inFlight = List.of();
  }
}
