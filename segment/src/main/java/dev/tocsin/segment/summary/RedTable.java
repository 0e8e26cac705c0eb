package dev.tocsin.segment.summary;

import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanNames;
import dev.tocsin.segment.span.SpanRow;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts spans per minute, operation, status and latency. The counts of the latest minutes go on
 * over flushes: each flush stores the whole of those that changed, in place of what the flush
 * before stored, which is far cheaper than adding to rows. A service that makes up names (ids in
 * them) gets {@link #NAMES_MAX} an hour; its other spans are counted under {@link #OTHER}. Not
 * thread-safe.
 */
final class RedTable {
  static final int NAMES_MAX = 500;
  static final int SERVICES_MAX = 2_000;
  static final String OTHER = "(other operations)";

  /** Beyond, new names of all services are counted under {@link #OTHER} until the hour is over. */
  static final int NAMES_BYTES_MAX = 8 << 20;

  private static final int BYTES_A_NAME = 256;

  /** Elements at which a block is not gone on with, as each flush would store them all again. */
  static final int ELEMENTS_MAX = 4_096;

  private static final long FORGET_AFTER_MS = Duration.ofHours(1).toMillis();

  private record Key(long operationId, int status) {}

  /** An operation as stored. */
  private record Named(EncodedSpans.Operation operation, long id) {
    static Named of(String service, String name, int kind) {
      EncodedSpans.Operation operation = new EncodedSpans.Operation(service, name, kind);
      return new Named(operation, OperationId.of(operation));
    }
  }

  /** By latency bucket. */
  private static final class Sum {
    final int[] calls = new int[LatencyBuckets.COUNT];
    final long[] nanos = new long[LatencyBuckets.COUNT];
  }

  private static final class Minute {
    final Map<Key, Sum> sums = new HashMap<>();
    int elements;
  }

  private final InstantSource clock;
  private final Map<String, Map<EncodedSpans.Operation, Named>> known = new HashMap<>();
  private final OpenMinutes<Minute> minutes =
      new OpenMinutes<>(Minute::new, counts -> counts.elements > ELEMENTS_MAX);
  private final Set<EncodedSpans.Operation> seen = new LinkedHashSet<>();
  private long knownSinceMs;
  private int knownBytes;

  private @Nullable SpanNames names;

  /** Rows come by operation and time, so most are counted where the one before was. */
  private int lastService = -1;

  private int lastName;
  private int lastKind;
  private int lastStatus;
  private long lastMinute;
  private @Nullable Named lastNamed;
  private @Nullable Minute lastOfMinute;
  private @Nullable Sum lastSum;

  RedTable(InstantSource clock) {
    this.clock = clock;
    knownSinceMs = clock.millis();
  }

  void begin(SpanNames ofSegment) {
    names = ofSegment;
    forgetLast();
  }

  private void forgetLast() {
    lastService = -1;
    lastNamed = null;
    lastOfMinute = null;
    lastSum = null;
  }

  void add(SpanRow row) {
    long minute = OpenMinutes.of(row.startNanos());
    Named named = named(row);
    Sum sum = lastSum;
    Minute ofMinute = lastOfMinute;
    if (sum == null || ofMinute == null || minute != lastMinute || row.status() != lastStatus) {
      ofMinute = minutes.change(minute);
      sum = ofMinute.sums.computeIfAbsent(new Key(named.id, row.status()), key -> new Sum());
      lastMinute = minute;
      lastStatus = row.status();
      lastOfMinute = ofMinute;
      lastSum = sum;
    }
    long nanos = row.durationNanos();
    int bucket = LatencyBuckets.place(nanos);
    if (sum.calls[bucket]++ == 0) {
      ofMinute.elements++;
    }
    sum.nanos[bucket] = Saturated.plus(sum.nanos[bucket], nanos);
  }

  private Named named(SpanRow row) {
    Named last = lastNamed;
    if (last != null
        && row.service() == lastService
        && row.name() == lastName
        && row.kind() == lastKind) {
      return last;
    }
    SpanNames ofSegment = names;
    if (ofSegment == null) {
      throw new IllegalStateException("a row before its segment began");
    }
    Named named =
        operation(ofSegment.service(row.service()), ofSegment.name(row.name()), row.kind());
    seen.add(named.operation);
    lastService = row.service();
    lastName = row.name();
    lastKind = row.kind();
    lastNamed = named;
    lastSum = null;
    return named;
  }

  private Named operation(String service, String name, int kind) {
    String storedService = CatalogueText.of(service);
    Map<EncodedSpans.Operation, Named> ofService = known.get(storedService);
    if (ofService == null) {
      if (known.size() >= SERVICES_MAX) {
        return Named.of("(other services)", OTHER, kind);
      }
      ofService = new HashMap<>();
      known.put(storedService, ofService);
    }
    String storedName = CatalogueText.of(name);
    EncodedSpans.Operation asked = new EncodedSpans.Operation(storedService, storedName, kind);
    Named stored = ofService.get(asked);
    if (stored != null) {
      return stored;
    }
    if (ofService.size() >= NAMES_MAX || knownBytes >= NAMES_BYTES_MAX) {
      return Named.of(storedService, OTHER, kind);
    }
    stored = new Named(asked, OperationId.of(asked));
    ofService.put(asked, stored);
    knownBytes += BYTES_A_NAME + 2 * storedName.length();
    return stored;
  }

  /** The operations of the rows since the last call, each once. */
  List<EncodedSpans.Operation> drainOperations() {
    List<EncodedSpans.Operation> operations = List.copyOf(seen);
    seen.clear();
    return operations;
  }

  /**
   * The minutes that changed since the last call.
   *
   * @param offset of the first record since then
   */
  List<RedBlock> drain(long offset) {
    forgetLast();
    if (clock.millis() - knownSinceMs > FORGET_AFTER_MS) {
      known.clear();
      knownBytes = 0;
      knownSinceMs = clock.millis();
    }
    return minutes.drain(offset, RedTable::block);
  }

  private static RedBlock block(long minute, long id, Minute counted) {
    int size = counted.elements;
    Long[] operations = new Long[size];
    Short[] statuses = new Short[size];
    Short[] buckets = new Short[size];
    Integer[] calls = new Integer[size];
    Long[] sumNanos = new Long[size];
    int at = 0;
    for (Map.Entry<Key, Sum> entry : counted.sums.entrySet()) {
      Sum sum = entry.getValue();
      for (int bucket = 0; bucket < LatencyBuckets.COUNT; bucket++) {
        if (sum.calls[bucket] > 0) {
          operations[at] = entry.getKey().operationId;
          statuses[at] = (short) entry.getKey().status;
          buckets[at] = (short) (bucket + 1);
          calls[at] = sum.calls[bucket];
          sumNanos[at++] = sum.nanos[bucket];
        }
      }
    }
    return new RedBlock(minute, id, operations, statuses, buckets, calls, sumNanos);
  }
}
