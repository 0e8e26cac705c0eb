package dev.tocsin.segment.merge;

import com.google.protobuf.MessageLite;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.Source;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Items of several segments on their way into one, as bytes: of the segments nothing is kept. How
 * much it may be was told before; what turns out to be more ends here and not in the heap.
 */
final class MergedRows {
  private final ItemRows rows = new ItemRows();
  private final Map<Origin, Source> sources = new HashMap<>();
  private final long bytesMax;
  private long bytes;
  private @Nullable Origin last;
  private @Nullable Source source;

  MergedRows(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  void add(Origin origin, MessageLite item, long nanos) {
    Source of = source;
    if (of == null || !origin.equals(last)) {
      of = source(origin);
      last = origin;
      source = of;
    }
    byte[] itemBytes = item.toByteArray();
    take(itemBytes.length);
    rows.add(of, itemBytes, 0, itemBytes.length, nanos);
  }

  private Source source(Origin origin) {
    Source known = sources.get(origin);
    if (known != null) {
      return known;
    }
    take(origin.bytes());
    Source made = Source.of(origin);
    sources.put(origin, made);
    return made;
  }

  private void take(long more) {
    bytes += more;
    if (bytes > bytesMax) {
      throw new TooLargeException(bytesMax);
    }
  }

  ItemRows rows() {
    return rows;
  }
}
