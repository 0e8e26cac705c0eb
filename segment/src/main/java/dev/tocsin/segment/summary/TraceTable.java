package dev.tocsin.segment.summary;

import dev.tocsin.segment.span.SpanNames;
import dev.tocsin.segment.span.SpanRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Sums up the traces of one segment, by their numbers in it. Not thread-safe. */
public final class TraceTable {
  private static final int SERVICES_MAX = 100;
  private static final int STATUS_ERROR = 2;

  private record Root(String service, String name) {}

  private final SpanNames names;
  private final long[] startNanos;
  private final long[] endNanos;
  private final int[] spans;
  private final int[] errors;
  private final boolean[] rootFound;
  private final long[] rootNanos;
  private final int[] rootService;
  private final int[] rootName;
  private final int[] lastService;
  private final int[] serviceSet;
  private final ServiceSets sets;
  private long minNanos = Long.MAX_VALUE;
  private long maxNanos = Long.MIN_VALUE;

  public TraceTable(SpanNames names) {
    int traces = names.traces();
    this.names = names;
    this.startNanos = new long[traces];
    this.endNanos = new long[traces];
    this.spans = new int[traces];
    this.errors = new int[traces];
    this.rootFound = new boolean[traces];
    this.rootNanos = new long[traces];
    this.rootService = new int[traces];
    this.rootName = new int[traces];
    this.lastService = new int[traces];
    this.serviceSet = new int[traces];
    this.sets = new ServiceSets(names);
    Arrays.fill(startNanos, Long.MAX_VALUE);
    Arrays.fill(endNanos, Long.MIN_VALUE);
    Arrays.fill(rootNanos, Long.MAX_VALUE);
    Arrays.fill(lastService, -1);
  }

  /** Adds a span; rows come by service. One whose trace id is not 16 bytes long is in no trace. */
  public void add(SpanRow row) {
    long start = row.startNanos();
    int trace = row.trace();
    minNanos = Math.min(minNanos, start);
    maxNanos = Math.max(maxNanos, start);
    startNanos[trace] = Math.min(startNanos[trace], start);
    endNanos[trace] = Math.max(endNanos[trace], Math.max(start, row.endNanos()));
    spans[trace]++;
    errors[trace] += row.status() == STATUS_ERROR ? 1 : 0;
    boolean root = !row.hasParent();
    if (root == rootFound[trace] ? start < rootNanos[trace] : root) {
      rootFound[trace] = root;
      rootNanos[trace] = start;
      rootService[trace] = row.service();
      rootName[trace] = row.name();
    }
    if (lastService[trace] != row.service()) {
      lastService[trace] = row.service();
      serviceSet[trace] = sets.with(serviceSet[trace], row.service());
    }
  }

  /** What was added; at least one span was. */
  public TraceBlock toBlock() {
    List<UUID> ids = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    List<Long> durations = new ArrayList<>();
    List<Integer> spanCounts = new ArrayList<>();
    List<Integer> errorCounts = new ArrayList<>();
    List<Integer> roots = new ArrayList<>();
    List<Integer> services = new ArrayList<>();
    Map<Root, Integer> rootPlaces = new LinkedHashMap<>();
    Map<Integer, Integer> setPlaces = new LinkedHashMap<>();
    for (int trace = 0; trace < names.traces(); trace++) {
      UUID id = TraceIds.uuid(names.bytes(), names.traceFrom(trace), names.traceLength(trace));
      if (id == null) {
        continue;
      }
      long start = Math.floorDiv(startNanos[trace], 1_000L);
      Root root = new Root(sets.name(rootService[trace]), name(rootName[trace]));
      int place = rootPlaces.computeIfAbsent(root, r -> rootPlaces.size() + 1);
      ids.add(id);
      starts.add(start);
      durations.add(Math.floorDiv(endNanos[trace], 1_000L) - start);
      spanCounts.add(spans[trace]);
      errorCounts.add(errors[trace]);
      roots.add(rootFound[trace] ? place : -place);
      services.add(setPlaces.computeIfAbsent(serviceSet[trace], s -> setPlaces.size() + 1));
    }
    return new TraceBlock(
        minNanos,
        maxNanos,
        ids.toArray(UUID[]::new),
        starts.toArray(Long[]::new),
        durations.toArray(Long[]::new),
        spanCounts.toArray(Integer[]::new),
        errorCounts.toArray(Integer[]::new),
        roots.toArray(Integer[]::new),
        services.toArray(Integer[]::new),
        rootPlaces.keySet().stream().map(Root::service).toList(),
        rootPlaces.keySet().stream().map(Root::name).toList(),
        setPlaces.keySet().stream().map(sets::text).toList());
  }

  private String name(int name) {
    return element(names.name(name));
  }

  /** A name as an element of a set. */
  private static String element(String name) {
    return CatalogueText.of(name).replace(TraceBlock.SEPARATOR, '\uFFFD');
  }

  /** Sets of services by number, 0 the empty one; each is another one and a service more. */
  private static final class ServiceSets {
    private record Step(int set, int service) {}

    private final SpanNames names;
    private final Map<Step, Integer> steps = new HashMap<>();
    private final List<String> texts = new ArrayList<>(List.of(""));
    private final List<Integer> sizes = new ArrayList<>(List.of(0));

    ServiceSets(SpanNames names) {
      this.names = names;
    }

    String name(int service) {
      return element(names.service(service));
    }

    String text(int set) {
      return texts.get(set);
    }

    /** Services are added in ascending order of their names, so that sets are sorted. */
    int with(int set, int service) {
      Integer known = steps.get(new Step(set, service));
      if (known != null) {
        return known;
      }
      int wider = sizes.get(set) >= SERVICES_MAX ? set : add(set, name(service));
      steps.put(new Step(set, service), wider);
      return wider;
    }

    private int add(int set, String name) {
      String before = texts.get(set);
      // Long names may be equal once they are cut.
      if (before.equals(name) || before.endsWith(TraceBlock.SEPARATOR + name)) {
        return set;
      }
      texts.add(set == 0 ? name : before + TraceBlock.SEPARATOR + name);
      sizes.add(sizes.get(set) + 1);
      return texts.size() - 1;
    }
  }
}
