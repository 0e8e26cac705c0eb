package dev.tocsin.storage.summary;

import dev.tocsin.storage.segment.EncodedSpans;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts spans per minute, operation and status. A service that makes up names (ids in them) gets
 * {@link #NAMES_MAX} an hour; its other spans are counted under {@link #OTHER}. Not thread-safe.
 */
final class RedTable {
  static final int NAMES_MAX = 500;
  static final int SERVICES_MAX = 2_000;
  static final String OTHER = "(other operations)";

  private static final long NANOS_PER_MINUTE = 60_000_000_000L;
  private static final long FORGET_AFTER_MS = Duration.ofHours(1).toMillis();

  private record Key(long operationId, long minute, int status) {}

  /** An operation as stored. */
  private record Named(EncodedSpans.Operation operation, long id) {
    static Named of(String service, String name, int kind) {
      EncodedSpans.Operation operation = new EncodedSpans.Operation(service, name, kind);
      return new Named(operation, OperationId.of(operation));
    }
  }

  private static final class Sum {
    final EncodedSpans.Operation operation;
    int calls;
    long nanos;
    final int[] buckets = new int[LatencyBuckets.COLUMNS.size()];

    Sum(EncodedSpans.Operation operation) {
      this.operation = operation;
    }
  }

  private static final Comparator<Key> ORDER =
      Comparator.comparingLong(Key::minute)
          .thenComparingLong(Key::operationId)
          .thenComparingInt(Key::status);

  private final InstantSource clock;
  private final Map<String, Map<EncodedSpans.Operation, Named>> known = new HashMap<>();
  private final Map<Key, Sum> sums = new HashMap<>();
  private long knownSinceMs;

  RedTable(InstantSource clock) {
    this.clock = clock;
    knownSinceMs = clock.millis();
  }

  void add(String service, String name, int kind, int status, long startNanos, long nanos) {
    Named operation = operation(service, name, kind);
    Key key = new Key(operation.id, Math.floorDiv(startNanos, NANOS_PER_MINUTE), status);
    Sum sum = sums.computeIfAbsent(key, k -> new Sum(operation.operation));
    long positive = Math.max(0, nanos);
    sum.calls++;
    sum.nanos += positive;
    sum.buckets[LatencyBuckets.place(positive)]++;
  }

  private Named operation(String service, String name, int kind) {
    Map<EncodedSpans.Operation, Named> names = known.get(service);
    if (names == null) {
      if (known.size() >= SERVICES_MAX) {
        return Named.of("(other services)", OTHER, kind);
      }
      names = new HashMap<>();
      known.put(service, names);
    }
    EncodedSpans.Operation asked = new EncodedSpans.Operation(service, name, kind);
    Named stored = names.get(asked);
    if (stored == null) {
      String storedName = names.size() < NAMES_MAX ? CatalogueText.of(name) : OTHER;
      stored = Named.of(CatalogueText.of(service), storedName, kind);
      if (names.size() < NAMES_MAX) {
        names.put(asked, stored);
      }
    }
    return stored;
  }

  /** The rows since the last call, in the order in which writers must lock them. */
  List<RedRow> drain() {
    List<RedRow> rows = new ArrayList<>(sums.size());
    sums.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(ORDER))
        .forEach(
            entry -> {
              Key key = entry.getKey();
              Sum sum = entry.getValue();
              rows.add(
                  new RedRow(
                      sum.operation, key.minute, key.status, sum.calls, sum.nanos, sum.buckets));
            });
    sums.clear();
    if (clock.millis() - knownSinceMs > FORGET_AFTER_MS) {
      known.clear();
      knownSinceMs = clock.millis();
    }
    return rows;
  }
}
