package dev.tocsin.storage.summary;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Sums up the traces of one segment. Not thread-safe. */
public final class TraceTable {
  private static final int SERVICES_MAX = 100;
  private static final int STATUS_ERROR = 2;
  private static final int TRACE_ID_BYTES = 16;

  private record Root(String service, String name) {}

  private static final class Sum {
    long startNanos = Long.MAX_VALUE;
    long endNanos = Long.MIN_VALUE;
    int spans;
    int errors;
    boolean rootFound;
    long rootNanos = Long.MAX_VALUE;
    String rootService = "";
    String rootName = "";
    final List<String> services = new ArrayList<>(4);
  }

  private final Map<ByteString, Sum> sums = new LinkedHashMap<>();
  private long minNanos = Long.MAX_VALUE;
  private long maxNanos = Long.MIN_VALUE;

  /**
   * Adds a span; one whose trace id is not 16 bytes long is in no trace.
   *
   * @param parentId empty for a root
   */
  public void add(
      String service,
      ByteString traceId,
      ByteString parentId,
      String name,
      int status,
      long startNanos,
      long endNanos) {
    minNanos = Math.min(minNanos, startNanos);
    maxNanos = Math.max(maxNanos, startNanos);
    if (traceId.size() != TRACE_ID_BYTES) {
      return;
    }
    Sum sum = sums.computeIfAbsent(traceId, id -> new Sum());
    sum.startNanos = Math.min(sum.startNanos, startNanos);
    sum.endNanos = Math.max(sum.endNanos, Math.max(startNanos, endNanos));
    sum.spans++;
    sum.errors += status == STATUS_ERROR ? 1 : 0;
    boolean root = parentId.isEmpty();
    if (root == sum.rootFound ? startNanos < sum.rootNanos : root) {
      sum.rootFound = root;
      sum.rootNanos = startNanos;
      sum.rootService = service;
      sum.rootName = name;
    }
    if (!sum.services.contains(service) && sum.services.size() < SERVICES_MAX) {
      sum.services.add(service);
    }
  }

  /** What was added, or null when nothing was. */
  public @Nullable TraceBlock toBlock() {
    if (minNanos == Long.MAX_VALUE) {
      return null;
    }
    int size = sums.size();
    UUID[] ids = new UUID[size];
    Long[] starts = new Long[size];
    Long[] durations = new Long[size];
    Integer[] spans = new Integer[size];
    Integer[] errors = new Integer[size];
    Integer[] roots = new Integer[size];
    Integer[] services = new Integer[size];
    Map<Root, Integer> rootPlaces = new LinkedHashMap<>();
    Map<String, Integer> setPlaces = new LinkedHashMap<>();
    Map<String, String> names = new HashMap<>();
    int at = 0;
    for (Map.Entry<ByteString, Sum> entry : sums.entrySet()) {
      Sum sum = entry.getValue();
      ids[at] = uuid(entry.getKey());
      starts[at] = Math.floorDiv(sum.startNanos, 1_000L);
      durations[at] = Math.floorDiv(sum.endNanos, 1_000L) - starts[at];
      spans[at] = sum.spans;
      errors[at] = sum.errors;
      Root root = new Root(name(names, sum.rootService), name(names, sum.rootName));
      int place = rootPlaces.computeIfAbsent(root, r -> rootPlaces.size() + 1);
      roots[at] = sum.rootFound ? place : -place;
      String set = set(names, sum.services);
      services[at] = setPlaces.computeIfAbsent(set, s -> setPlaces.size() + 1);
      at++;
    }
    return new TraceBlock(
        minNanos,
        maxNanos,
        ids,
        starts,
        durations,
        spans,
        errors,
        roots,
        services,
        rootPlaces.keySet().stream().map(Root::service).toList(),
        rootPlaces.keySet().stream().map(Root::name).toList(),
        List.copyOf(setPlaces.keySet()));
  }

  private static String name(Map<String, String> names, String text) {
    return names.computeIfAbsent(
        text, t -> CatalogueText.of(t).replace(TraceBlock.SEPARATOR, '\uFFFD'));
  }

  private static String set(Map<String, String> names, List<String> services) {
    if (services.size() == 1) {
      return name(names, services.get(0));
    }
    return String.join(
        String.valueOf(TraceBlock.SEPARATOR),
        services.stream().map(service -> name(names, service)).sorted().distinct().toList());
  }

  /** A trace id as the tables hold it, or null when it is not 16 bytes long. */
  static @Nullable UUID uuidOf(ByteString traceId) {
    return traceId.size() == TRACE_ID_BYTES ? uuid(traceId) : null;
  }

  private static UUID uuid(ByteString traceId) {
    ByteBuffer bytes = traceId.asReadOnlyByteBuffer();
    return new UUID(bytes.getLong(), bytes.getLong());
  }
}
