package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a request into records: one a partition, or more where one would pass a limit, of its length
 * or of the {@link Memory} it takes. Spans go by trace id, so a partition has whole traces; metrics
 * and logs go by resource. Each record is a request of its own: the resource and scope of its
 * items, with their other fields, are repeated in it. Items without a fault keep their order within
 * a partition and are copied as bytes, unknown fields included. When all items go to one partition
 * and fit, the request's bytes are used as they are. A metric with faulty points, or one that fits
 * no record, is replaced by {@link Pieces}.
 *
 * <p>Profiles share a dictionary, so their requests are never cut; nor is their memory limited, for
 * no consumer makes objects of them.
 */
public final class OtlpSplitter {
  /**
   * Bytes of heap that a record may take where it is consumed. Storage and evaluation hold one
   * each, in one heap of 400 MB when the suite runs in one process.
   */
  public static final long RECORD_MEMORY_MAX = 48L << 20;

  private static final int ITEMS_TAG = tag(2, LENGTH_DELIMITED);
  private static final int RESOURCE_ITEMS_TAG = tag(1, LENGTH_DELIMITED);

  /** Tag and longest length of a scope and a resource around an item. */
  private static final int ENVELOPE_BYTES_MAX = 2 * 6;

  private final OtlpRequest request;
  private final Pieces pieces;
  private final int partitions;
  private final int recordBytesMax;
  private static final int NONE = -1;

  private final long recordMemoryMax;
  private final byte[] @Nullable [] resourceHeads;
  private final byte[] @Nullable [] scopeHeads;
  private final List<OtlpPart> parts = new ArrayList<>();
  private final Map<Rejection, Integer> rejected = new EnumMap<>(Rejection.class);

  private OtlpSplitter(
      OtlpRequest request, int partitions, int recordBytesMax, long recordMemoryMax) {
    this.request = request;
    this.pieces = new Pieces(request);
    this.partitions = partitions;
    this.recordBytesMax = recordBytesMax;
    this.recordMemoryMax = recordMemoryMax;
    this.resourceHeads = new byte[request.resourceCount()][];
    this.scopeHeads = new byte[request.scopeCount()][];
    rejected.putAll(request.rejected());
  }

  /**
   * @param recordBytesMax the longest value a part may have; an item that passes it alone, with its
   *     resource and scope, is rejected, and so is one that passes {@link #RECORD_MEMORY_MAX}
   */
  public static OtlpSplit split(OtlpRequest request, int partitions, int recordBytesMax) {
    return split(request, partitions, recordBytesMax, RECORD_MEMORY_MAX);
  }

  static OtlpSplit split(
      OtlpRequest request, int partitions, int recordBytesMax, long recordMemoryMax) {
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions: " + partitions + " (expected: 1 or more)");
    }
    OtlpSplitter splitter = new OtlpSplitter(request, partitions, recordBytesMax, recordMemoryMax);
    splitter.split();
    return new OtlpSplit(
        splitter.parts, splitter.rejected, request.firstCases(), request.warnings());
  }

  /**
   * A request of some entries only, with their resources and scopes.
   *
   * @param entries at least one, ascending
   */
  public static byte[] only(OtlpRequest request, int[] entries) {
    return new OtlpSplitter(request, 1, Integer.MAX_VALUE, Long.MAX_VALUE).requestOf(entries);
  }

  private void split() {
    if (request.entryCount() == 0) {
      return;
    }
    if (request.signal() == Signal.PROFILES && request.bytes().length > recordBytesMax) {
      rejected.merge(Rejection.ITEM_TOO_LARGE, request.items(), Integer::sum);
      return;
    }
    int only = onlyPartition();
    if (only >= 0) {
      parts.add(new OtlpPart(only, request.bytes(), request.items()));
      return;
    }
    // A stable counting sort: the entries of each partition in the order they came.
    int[] entries = entries();
    int[] next = new int[partitions + 1];
    for (int entry : entries) {
      next[partition(entry) + 1]++;
    }
    for (int partition = 1; partition <= partitions; partition++) {
      next[partition] += next[partition - 1];
    }
    int[] sorted = new int[entries.length];
    for (int entry : entries) {
      sorted[next[partition(entry)]++] = entry;
    }
    int start = 0;
    for (int partition = 0; partition < partitions; partition++) {
      cut(partition, Arrays.copyOfRange(sorted, start, next[partition]));
      start = next[partition];
    }
  }

  private int partition(int entry) {
    return OtlpHash.partition(pieces.hash(entry), partitions);
  }

  /** The partition every entry goes to when the request can be used as it is, else -1. */
  private int onlyPartition() {
    if (!request.rejected().isEmpty() || request.bytes().length > recordBytesMax) {
      return -1;
    }
    int first = partition(0);
    if (request.signal() == Signal.PROFILES) {
      return first;
    }
    if (request.memory() > recordMemoryMax) {
      return -1;
    }
    for (int entry = 1; entry < request.entryCount(); entry++) {
      if (partition(entry) != first) {
        return -1;
      }
    }
    return first;
  }

  /** What is kept, in order: entries as they are, or the pieces that stand for one. */
  private int[] entries() {
    int[] kept = new int[request.entryCount()];
    int count = 0;
    for (int entry = 0; entry < request.entryCount(); entry++) {
      if (request.entryKept(entry) == 0 && request.entryItems(entry) > 0) {
        continue;
      }
      boolean whole = request.entryKept(entry) == request.entryItems(entry);
      if (whole && (request.signal() != Signal.METRICS || fits(entry))) {
        kept = count == kept.length ? Arrays.copyOf(kept, count * 2) : kept;
        kept[count++] = entry;
        continue;
      }
      long room = Math.max(0, recordBytesMax - headBytes(entry));
      long memoryRoom = Math.max(0, recordMemoryMax - headMemory(entry));
      int last = pieces.cut(entry, (int) room, memoryRoom, rejected);
      for (int piece = pieces.first(); piece <= last; piece++) {
        kept = count == kept.length ? Arrays.copyOf(kept, count * 2) : kept;
        kept[count++] = piece;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  private boolean fits(int entry) {
    return pieces.length(entry) + headBytes(entry) <= recordBytesMax
        && pieces.memory(entry) + headMemory(entry) <= recordMemoryMax;
  }

  /** Makes as few records as the limits allow from the entries of one partition. */
  private void cut(int partition, int[] entries) {
    int from = 0;
    long size = 0;
    long memory = 0;
    int[] kept = new int[entries.length];
    int count = 0;
    for (int entry : entries) {
      if (!fits(entry)) {
        rejected.merge(Rejection.ITEM_TOO_LARGE, pieces.items(entry), Integer::sum);
        continue;
      }
      int before = count > from ? kept[count - 1] : NONE;
      long more = pieces.length(entry) + headBytesBeside(before, entry);
      long moreMemory = pieces.memory(entry) + headMemoryBeside(before, entry);
      if (size + more > recordBytesMax || memory + moreMemory > recordMemoryMax) {
        write(partition, Arrays.copyOfRange(kept, from, count));
        from = count;
        size = 0;
        memory = 0;
        more = pieces.length(entry) + headBytes(entry);
        moreMemory = pieces.memory(entry) + headMemory(entry);
      }
      kept[count++] = entry;
      size += more;
      memory += moreMemory;
    }
    if (count > from) {
      write(partition, Arrays.copyOfRange(kept, from, count));
    }
  }

  private long headMemory(int entry) {
    return request.headMemory(pieces.scope(entry));
  }

  /** What is written before an entry that follows another one: a resource stands once. */
  private long headBytesBeside(int before, int entry) {
    if (before == NONE || !sharesResource(before, entry)) {
      return headBytes(entry);
    }
    int scope = pieces.scope(entry);
    return pieces.scope(before) == scope ? 0 : (long) ENVELOPE_BYTES_MAX + scopeHead(scope).length;
  }

  private long headMemoryBeside(int before, int entry) {
    if (before == NONE || !sharesResource(before, entry)) {
      return headMemory(entry);
    }
    int scope = pieces.scope(entry);
    return pieces.scope(before) == scope ? 0 : request.scopeMemory(scope);
  }

  private boolean sharesResource(int before, int entry) {
    return request.scopeResource(pieces.scope(before))
        == request.scopeResource(pieces.scope(entry));
  }

  private long headBytes(int entry) {
    int scope = pieces.scope(entry);
    return (long) ENVELOPE_BYTES_MAX
        + scopeHead(scope).length
        + resourceHead(request.scopeResource(scope)).length;
  }

  private void write(int partition, int[] entries) {
    int items = 0;
    for (int entry : entries) {
      items += pieces.items(entry);
    }
    parts.add(new OtlpPart(partition, requestOf(entries), items));
  }

  private byte[] requestOf(int[] entries) {
    int[] scopeSizes = new int[entries.length];
    int[] resourceSizes = new int[entries.length];
    int total = measure(entries, scopeSizes, resourceSizes);
    WireOutput out = new WireOutput(total);
    int scopeRun = -1;
    int resourceRun = -1;
    for (int i = 0; i < entries.length; i++) {
      int scope = pieces.scope(entries[i]);
      if (startsResource(entries, i)) {
        out.lengthDelimited(RESOURCE_ITEMS_TAG, resourceSizes[++resourceRun]);
        out.bytes(resourceHead(request.scopeResource(scope)));
      }
      if (startsScope(entries, i)) {
        out.lengthDelimited(ITEMS_TAG, scopeSizes[++scopeRun]);
        out.bytes(scopeHead(scope));
      }
      pieces.writeTo(out, entries[i]);
    }
    return out.toBytes();
  }

  /** Fills in the length of each run of a scope and of a resource; returns that of the record. */
  private int measure(int[] entries, int[] scopeSizes, int[] resourceSizes) {
    int total = 0;
    int scopeRun = -1;
    int resourceRun = -1;
    for (int i = 0; i < entries.length; i++) {
      int scope = pieces.scope(entries[i]);
      if (startsScope(entries, i)) {
        if (i > 0) {
          resourceSizes[resourceRun] += WireOutput.lengthDelimitedSize(scopeSizes[scopeRun]);
        }
        scopeSizes[++scopeRun] = scopeHead(scope).length;
      }
      if (startsResource(entries, i)) {
        if (i > 0) {
          total += WireOutput.lengthDelimitedSize(resourceSizes[resourceRun]);
        }
        resourceSizes[++resourceRun] = resourceHead(request.scopeResource(scope)).length;
      }
      scopeSizes[scopeRun] += pieces.length(entries[i]);
    }
    resourceSizes[resourceRun] += WireOutput.lengthDelimitedSize(scopeSizes[scopeRun]);
    return total + WireOutput.lengthDelimitedSize(resourceSizes[resourceRun]);
  }

  private boolean startsScope(int[] entries, int i) {
    return i == 0 || pieces.scope(entries[i]) != pieces.scope(entries[i - 1]);
  }

  private boolean startsResource(int[] entries, int i) {
    return i == 0
        || request.scopeResource(pieces.scope(entries[i]))
            != request.scopeResource(pieces.scope(entries[i - 1]));
  }

  private byte[] resourceHead(int resource) {
    byte[] head = resourceHeads[resource];
    if (head == null) {
      head = head(request.resourceStart(resource), request.resourceEnd(resource));
      resourceHeads[resource] = head;
    }
    return head;
  }

  private byte[] scopeHead(int scope) {
    byte[] head = scopeHeads[scope];
    if (head == null) {
      head = head(request.scopeStart(scope), request.scopeEnd(scope));
      scopeHeads[scope] = head;
    }
    return head;
  }

  /** Every field of a resource's or a scope's message but its items. */
  private byte[] head(int start, int end) {
    WireCursor cursor = new WireCursor(request.bytes(), start);
    WireOutput out = new WireOutput(headSize(start, end));
    while (cursor.position() < end) {
      int fieldStart = cursor.position();
      int tag = cursor.readTag(end);
      cursor.skip(tag, end);
      if (tag != ITEMS_TAG) {
        out.bytes(request.bytes(), fieldStart, cursor.position());
      }
    }
    return out.toBytes();
  }

  private int headSize(int start, int end) {
    WireCursor cursor = new WireCursor(request.bytes(), start);
    int size = 0;
    while (cursor.position() < end) {
      int fieldStart = cursor.position();
      int tag = cursor.readTag(end);
      cursor.skip(tag, end);
      size += tag == ITEMS_TAG ? 0 : cursor.position() - fieldStart;
    }
    return size;
  }
}
