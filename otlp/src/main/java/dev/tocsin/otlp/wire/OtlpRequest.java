package dev.tocsin.otlp.wire;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * An export request as {@link OtlpScanner} saw it: the bytes, and where its resources, scopes and
 * entries (spans, metrics, log records, profiles) lie in them. The bytes are shared, not copied:
 * nobody may change them. Filled by the scanner, read-only afterwards.
 */
public final class OtlpRequest {
  /** Each takes memory of ours, however short it is. */
  static final int PARTS_MAX = 1_000_000;

  private final Signal signal;
  private final byte[] bytes;
  private final ItemLimits limits;
  private final Map<Rejection, Integer> rejected = new EnumMap<>(Rejection.class);
  private final Map<Rejection, FirstCase> firstCases = new EnumMap<>(Rejection.class);
  private final Map<Warning, String> warnings = new EnumMap<>(Warning.class);
  private int items;
  private int parts;
  private long memory;

  private int resourceCount;
  private int[] resourceStart = new int[4];
  private int[] resourceEnd = new int[4];
  private long[] resourceMemory = new long[4];
  private int[] resourceIdentity = new int[4];

  private int scopeCount;
  private int[] scopeResource = new int[8];
  private int[] scopeStart = new int[8];
  private int[] scopeEnd = new int[8];
  private long[] scopeMemory = new long[8];

  private int entryCount;
  private int[] entryScope = new int[64];
  private int[] entryStart = new int[64];
  private int[] entryEnd = new int[64];
  private int[] entryItems = new int[64];
  private long[] entryHash = new long[64];
  private int[] entryKept = new int[64];
  private int[] entryMemory = new int[64];

  OtlpRequest(Signal signal, byte[] bytes, ItemLimits limits) {
    this.signal = signal;
    this.limits = limits;
    this.bytes = bytes;
  }

  public Signal signal() {
    return signal;
  }

  /** The request as it came. */
  public byte[] bytes() {
    return bytes;
  }

  /** Spans, data points, log records or profiles in the request, the rejected ones included. */
  public int items() {
    return items;
  }

  /** Items the scanner found fault with, by fault. */
  public Map<Rejection, Integer> rejected() {
    return rejected;
  }

  /** Of the reasons that are told by an example. */
  Map<Rejection, FirstCase> firstCases() {
    return firstCases;
  }

  /** What the items were judged by. */
  ItemLimits limits() {
    return limits;
  }

  /**
   * What the sender should know although nothing is rejected for it, and what is to be said of this
   * request.
   */
  public Map<Warning, String> warnings() {
    return warnings;
  }

  /**
   * Adds a warning, or a detail to one.
   *
   * @param detail of this request; may be empty
   */
  public void warn(Warning warning, String detail) {
    warnings.merge(warning, detail, (first, more) -> first.isEmpty() ? more : first + ", " + more);
  }

  void reject(Rejection rejection, int count) {
    rejected.merge(rejection, count, Integer::sum);
  }

  /** Rejects items for a time that cannot be stored. */
  void rejectTime(Rejection rejection, int count, long nanos, int scope) {
    reject(rejection, count);
    if (!firstCases.containsKey(rejection) && scope < scopeCount) {
      firstCases.put(
          rejection,
          new FirstCase(
              limits.window(),
              TimeFault.cause(nanos, limits),
              TimeFault.example(nanos, limits),
              ServiceName.of(
                  bytes, resourceStart[scopeResource[scope]], resourceEnd[scopeResource[scope]])));
    }
  }

  /** Rejects points for their labels. */
  void rejectLabels(int count, String expected, String example, int scope) {
    reject(Rejection.LABELS_TOO_LONG, count);
    if (!firstCases.containsKey(Rejection.LABELS_TOO_LONG) && scope < scopeCount) {
      int resource = scopeResource[scope];
      String service = ServiceName.of(bytes, resourceStart[resource], resourceEnd[resource]);
      firstCases.put(
          Rejection.LABELS_TOO_LONG,
          new FirstCase(
              expected,
              "labels of a series are names of things, not their contents",
              example,
              service));
    }
  }

  /**
   * Counts what is about to be added.
   *
   * @return false when there is too much already, so that it must not be added
   */
  private boolean hasRoom(int count) {
    parts += count;
    return parts <= PARTS_MAX;
  }

  /** Resources, scopes and items; a metric without points counts as one. */
  int parts() {
    return parts;
  }

  int addResource(int start, int end) {
    if (!hasRoom(1)) {
      return 0;
    }
    if (resourceCount == resourceStart.length) {
      resourceStart = Arrays.copyOf(resourceStart, resourceCount * 2);
      resourceEnd = Arrays.copyOf(resourceEnd, resourceCount * 2);
      resourceMemory = Arrays.copyOf(resourceMemory, resourceCount * 2);
      resourceIdentity = Arrays.copyOf(resourceIdentity, resourceCount * 2);
    }
    resourceStart[resourceCount] = start;
    resourceEnd[resourceCount] = end;
    return resourceCount++;
  }

  int addScope(int resource, int start, int end) {
    if (!hasRoom(1)) {
      return 0;
    }
    if (scopeCount == scopeStart.length) {
      scopeResource = Arrays.copyOf(scopeResource, scopeCount * 2);
      scopeStart = Arrays.copyOf(scopeStart, scopeCount * 2);
      scopeEnd = Arrays.copyOf(scopeEnd, scopeCount * 2);
      scopeMemory = Arrays.copyOf(scopeMemory, scopeCount * 2);
    }
    scopeResource[scopeCount] = resource;
    scopeStart[scopeCount] = start;
    scopeEnd[scopeCount] = end;
    return scopeCount++;
  }

  /**
   * @param start of the entry's tag
   * @param hash decides the partition
   * @param count spans, data points, log records or profiles in it
   * @param kept how many of them are not rejected
   * @param heapBytes its memory, see {@link Memory}
   */
  void addEntry(int scope, int start, int end, long hash, int count, int kept, long heapBytes) {
    items += count;
    if (!hasRoom(Math.max(1, count))) {
      return;
    }
    if (entryCount == entryStart.length) {
      growEntries(entryCount * 2);
    }
    entryScope[entryCount] = scope;
    entryStart[entryCount] = start;
    entryEnd[entryCount] = end;
    entryHash[entryCount] = hash;
    entryItems[entryCount] = count;
    entryKept[entryCount] = kept;
    entryMemory[entryCount] = saturated(heapBytes);
    entryCount++;
  }

  private void growEntries(int size) {
    entryScope = Arrays.copyOf(entryScope, size);
    entryStart = Arrays.copyOf(entryStart, size);
    entryEnd = Arrays.copyOf(entryEnd, size);
    entryItems = Arrays.copyOf(entryItems, size);
    entryHash = Arrays.copyOf(entryHash, size);
    entryKept = Arrays.copyOf(entryKept, size);
    entryMemory = Arrays.copyOf(entryMemory, size);
  }

  /** Of what is that large, more need not be known. */
  private static int saturated(long heapBytes) {
    return (int) Math.min(heapBytes, Integer.MAX_VALUE);
  }

  /**
   * Adds what is known when all of a resource has been read.
   *
   * @param identity bytes of what every series of the resource repeats
   * @param heapBytes memory of the resource without its scopes
   */
  void endResource(int resource, int firstEntry, int identity, long heapBytes) {
    resourceIdentity[resource] = identity;
    resourceMemory[resource] = heapBytes;
    for (int entry = firstEntry; identity > 0 && entry < entryCount; entry++) {
      entryMemory[entry] = saturated(Memory.repeating(entryMemory[entry], identity));
    }
  }

  /** Adds the memory of a scope without its entries. */
  void endScope(int scope, long heapBytes) {
    scopeMemory[scope] = heapBytes;
  }

  /** Adds the memory of all that is around resources. */
  void end(long heapBytes) {
    memory = heapBytes;
    for (int resource = 0; resource < resourceCount; resource++) {
      memory += resourceMemory[resource];
    }
    for (int scope = 0; scope < scopeCount; scope++) {
      memory += scopeMemory[scope];
    }
    for (int entry = 0; entry < entryCount; entry++) {
      memory += entryMemory[entry];
    }
  }

  /** Bytes that consumers would take of their heap for the request, about. */
  public long memory() {
    return memory;
  }

  /**
   * Metrics, logs and profiles go by resource, whose hash is known only when all of it has been
   * read.
   */
  void setHash(int firstEntry, long hash) {
    Arrays.fill(entryHash, firstEntry, entryCount, hash);
  }

  public int resourceCount() {
    return resourceCount;
  }

  public int resourceStart(int resource) {
    return resourceStart[resource];
  }

  public int resourceEnd(int resource) {
    return resourceEnd[resource];
  }

  int resourceIdentity(int resource) {
    return resourceIdentity[resource];
  }

  public int scopeCount() {
    return scopeCount;
  }

  public int scopeResource(int scope) {
    return scopeResource[scope];
  }

  public int scopeStart(int scope) {
    return scopeStart[scope];
  }

  public int scopeEnd(int scope) {
    return scopeEnd[scope];
  }

  /** Of a scope without its resource and entries. */
  long scopeMemory(int scope) {
    return scopeMemory[scope];
  }

  /** Of a scope and its resource, without entries. */
  long headMemory(int scope) {
    return scopeMemory[scope] + resourceMemory[scopeResource[scope]];
  }

  public int entryCount() {
    return entryCount;
  }

  public int entryScope(int entry) {
    return entryScope[entry];
  }

  public int entryStart(int entry) {
    return entryStart[entry];
  }

  public int entryEnd(int entry) {
    return entryEnd[entry];
  }

  int entryItems(int entry) {
    return entryItems[entry];
  }

  long entryHash(int entry) {
    return entryHash[entry];
  }

  int entryKept(int entry) {
    return entryKept[entry];
  }

  int entryMemory(int entry) {
    return entryMemory[entry];
  }
}
