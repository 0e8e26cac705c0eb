package dev.tocsin.common.otlp;

import static dev.tocsin.common.otlp.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.common.otlp.WireCursor.tag;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a request into records: one a partition, or more where one would pass the limit. Spans go by
 * trace id, so a partition has whole traces; metrics and logs go by resource. Each record is a
 * request of its own: the resource and scope of its items, with their other fields, are repeated in
 * it. Items without a fault keep their order within a partition and are copied as bytes, unknown
 * fields included. When all items go to one partition and fit, the request's bytes are used as they
 * are.
 */
public final class OtlpSplitter {
  private static final int ITEMS_TAG = tag(2, LENGTH_DELIMITED);
  private static final int RESOURCE_ITEMS_TAG = tag(1, LENGTH_DELIMITED);

  /** Tag and longest length of a scope and a resource around an item. */
  private static final int ENVELOPE_BYTES_MAX = 2 * 6;

  private final OtlpRequest request;
  private final int partitions;
  private final int recordBytesMax;
  private final byte[] @Nullable [] resourceHeads;
  private final byte[] @Nullable [] scopeHeads;
  private final List<OtlpPart> parts = new ArrayList<>();
  private final Map<Rejection, Integer> rejected = new EnumMap<>(Rejection.class);

  private OtlpSplitter(OtlpRequest request, int partitions, int recordBytesMax) {
    this.request = request;
    this.partitions = partitions;
    this.recordBytesMax = recordBytesMax;
    this.resourceHeads = new byte[request.resourceCount()][];
    this.scopeHeads = new byte[request.scopeCount()][];
    rejected.putAll(request.rejected());
  }

  /**
   * @param recordBytesMax the longest value a part may have; an item that passes it alone, with its
   *     resource and scope, is rejected
   */
  public static OtlpSplit split(OtlpRequest request, int partitions, int recordBytesMax) {
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions: " + partitions + " (expected: 1 or more)");
    }
    return new OtlpSplitter(request, partitions, recordBytesMax).split();
  }

  private OtlpSplit split() {
    int only = onlyPartition();
    if (only >= 0) {
      var whole = new OtlpPart(only, request.bytes(), request.items());
      return new OtlpSplit(List.of(whole), Map.of());
    }
    // A stable counting sort: the entries of each partition in the order they came.
    int[] target = new int[request.entryCount()];
    int[] next = new int[partitions + 1];
    for (int entry = 0; entry < target.length; entry++) {
      boolean kept = request.entryRejection(entry) == null;
      target[entry] = kept ? OtlpHash.partition(request.entryHash(entry), partitions) : -1;
      next[target[entry] + 1]++;
    }
    next[0] = 0;
    for (int partition = 1; partition <= partitions; partition++) {
      next[partition] += next[partition - 1];
    }
    int[] sorted = new int[next[partitions]];
    for (int entry = 0; entry < target.length; entry++) {
      if (target[entry] >= 0) {
        sorted[next[target[entry]]++] = entry;
      }
    }
    int start = 0;
    for (int partition = 0; partition < partitions; partition++) {
      cut(partition, Arrays.copyOfRange(sorted, start, next[partition]));
      start = next[partition];
    }
    return new OtlpSplit(parts, rejected);
  }

  /** The partition every entry goes to when the request can be used as it is, else -1. */
  private int onlyPartition() {
    if (request.entryCount() == 0
        || !request.rejected().isEmpty()
        || request.bytes().length > recordBytesMax) {
      return -1;
    }
    int first = OtlpHash.partition(request.entryHash(0), partitions);
    for (int entry = 1; entry < request.entryCount(); entry++) {
      if (OtlpHash.partition(request.entryHash(entry), partitions) != first) {
        return -1;
      }
    }
    return first;
  }

  /** Makes as few records as the limit allows from the entries of one partition. */
  private void cut(int partition, int[] entries) {
    int from = 0;
    long size = 0;
    int[] kept = new int[entries.length];
    int count = 0;
    for (int entry : entries) {
      long alone = entryBytes(entry) + headBytes(entry);
      if (alone > recordBytesMax) {
        rejected.merge(Rejection.ITEM_TOO_LARGE, request.entryItems(entry), Integer::sum);
        continue;
      }
      boolean sameScope =
          count > from && request.entryScope(kept[count - 1]) == request.entryScope(entry);
      long more = sameScope ? entryBytes(entry) : alone;
      if (size + more > recordBytesMax) {
        write(partition, Arrays.copyOfRange(kept, from, count));
        from = count;
        size = 0;
        more = alone;
      }
      kept[count++] = entry;
      size += more;
    }
    if (count > from) {
      write(partition, Arrays.copyOfRange(kept, from, count));
    }
  }

  private int entryBytes(int entry) {
    return request.entryEnd(entry) - request.entryStart(entry);
  }

  private long headBytes(int entry) {
    int scope = request.entryScope(entry);
    return (long) ENVELOPE_BYTES_MAX
        + scopeHead(scope).length
        + resourceHead(request.scopeResource(scope)).length;
  }

  private void write(int partition, int[] entries) {
    int[] scopeSizes = new int[entries.length];
    int[] resourceSizes = new int[entries.length];
    int total = measure(entries, scopeSizes, resourceSizes);
    Output out = new Output(new byte[total]);
    int items = 0;
    int scopeRun = -1;
    int resourceRun = -1;
    for (int i = 0; i < entries.length; i++) {
      int scope = request.entryScope(entries[i]);
      if (startsResource(entries, i)) {
        out.lengthDelimited(RESOURCE_ITEMS_TAG, resourceSizes[++resourceRun]);
        out.bytes(resourceHead(request.scopeResource(scope)));
      }
      if (startsScope(entries, i)) {
        out.lengthDelimited(ITEMS_TAG, scopeSizes[++scopeRun]);
        out.bytes(scopeHead(scope));
      }
      out.bytes(request.bytes(), request.entryStart(entries[i]), request.entryEnd(entries[i]));
      items += request.entryItems(entries[i]);
    }
    parts.add(new OtlpPart(partition, out.bytes, items));
  }

  /** Fills in the length of each run of a scope and of a resource; returns that of the record. */
  private int measure(int[] entries, int[] scopeSizes, int[] resourceSizes) {
    int total = 0;
    int scopeRun = -1;
    int resourceRun = -1;
    for (int i = 0; i < entries.length; i++) {
      int scope = request.entryScope(entries[i]);
      if (startsScope(entries, i)) {
        if (i > 0) {
          resourceSizes[resourceRun] += Output.lengthDelimitedSize(scopeSizes[scopeRun]);
        }
        scopeSizes[++scopeRun] = scopeHead(scope).length;
      }
      if (startsResource(entries, i)) {
        if (i > 0) {
          total += Output.lengthDelimitedSize(resourceSizes[resourceRun]);
        }
        resourceSizes[++resourceRun] = resourceHead(request.scopeResource(scope)).length;
      }
      scopeSizes[scopeRun] += entryBytes(entries[i]);
    }
    resourceSizes[resourceRun] += Output.lengthDelimitedSize(scopeSizes[scopeRun]);
    return total + Output.lengthDelimitedSize(resourceSizes[resourceRun]);
  }

  private boolean startsScope(int[] entries, int i) {
    return i == 0 || request.entryScope(entries[i]) != request.entryScope(entries[i - 1]);
  }

  private boolean startsResource(int[] entries, int i) {
    return i == 0
        || request.scopeResource(request.entryScope(entries[i]))
            != request.scopeResource(request.entryScope(entries[i - 1]));
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
    Output out = new Output(new byte[headSize(start, end)]);
    while (cursor.position() < end) {
      int fieldStart = cursor.position();
      int tag = cursor.readTag(end);
      cursor.skip(tag, end);
      if (tag != ITEMS_TAG) {
        out.bytes(request.bytes(), fieldStart, cursor.position());
      }
    }
    return out.bytes;
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

  /** An array being filled; its size was computed before. */
  private static final class Output {
    private final byte[] bytes;
    private int position;

    Output(byte[] bytes) {
      this.bytes = bytes;
    }

    static int lengthDelimitedSize(int length) {
      int size = 2 + length;
      for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
        size++;
      }
      return size;
    }

    void lengthDelimited(int tag, int length) {
      bytes[position++] = (byte) tag;
      int rest = length;
      while (rest > 0x7f) {
        bytes[position++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      bytes[position++] = (byte) rest;
    }

    void bytes(byte[] source) {
      bytes(source, 0, source.length);
    }

    void bytes(byte[] source, int start, int end) {
      System.arraycopy(source, start, bytes, position, end - start);
      position += end - start;
    }
  }
}
