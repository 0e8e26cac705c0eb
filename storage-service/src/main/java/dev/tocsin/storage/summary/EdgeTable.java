package dev.tocsin.storage.summary;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pairs client and server spans of a partition into calls between services. The two come in
 * different batches, so a side waits {@link #WAIT} for the other, over flushes; a client whose
 * server stays away is a call to what its attributes name. What waits when the process ends is not
 * counted; nothing is counted twice. Not thread-safe.
 */
final class EdgeTable {
  static final Duration WAIT = Duration.ofSeconds(15);
  static final int WAITING_MAX = 20_000;
  static final int EDGES_MAX = 1_000;
  static final String OTHER = "(others)";

  static final String CALL = "";
  static final String MESSAGING = "messaging_system";
  static final String DATABASE = "database";
  static final String VIRTUAL = "virtual_node";

  private static final int STATUS_ERROR = 2;
  private static final int SERVER = 2;
  private static final int CLIENT = 3;
  private static final int PRODUCER = 4;
  private static final int CONSUMER = 5;
  private static final long NANOS_PER_MINUTE = 60_000_000_000L;

  /** The client's span id names both sides; a server has it as its parent. */
  private record CallId(ByteString traceId, ByteString clientSpanId) {}

  private record Side(
      boolean client,
      String service,
      long startNanos,
      long nanos,
      boolean failed,
      String peer,
      String peerType,
      long sinceMs) {}

  private record Edge(long minute, String client, String server, String connectionType) {}

  private static final class Sum {
    int calls;
    int failed;
    long clientNanos;
    long serverNanos;
  }

  private final InstantSource clock;
  private final Map<CallId, Side> waiting = new LinkedHashMap<>();
  private final Map<Edge, Sum> sums = new HashMap<>();

  EdgeTable(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @param peer of a client, empty when unknown
   */
  void add(
      String service,
      ByteString traceId,
      ByteString spanId,
      ByteString parentId,
      int kind,
      int status,
      long startNanos,
      long nanos,
      Peer peer) {
    boolean failed = status == STATUS_ERROR;
    long positive = Math.max(0, nanos);
    if (kind == CLIENT && peer.isDatabase()) {
      count(startNanos, service, peer.name(), DATABASE, failed, positive, 0);
    } else if (kind == CLIENT || kind == PRODUCER) {
      String type = kind == PRODUCER ? MESSAGING : peer.connectionType();
      Side side =
          new Side(true, service, startNanos, positive, failed, peer.name(), type, clock.millis());
      meet(new CallId(traceId, spanId), side, kind == PRODUCER ? MESSAGING : CALL);
    } else if ((kind == SERVER || kind == CONSUMER) && !parentId.isEmpty()) {
      Side side = new Side(false, service, startNanos, positive, failed, "", "", clock.millis());
      meet(new CallId(traceId, parentId), side, kind == CONSUMER ? MESSAGING : CALL);
    }
  }

  private void meet(CallId id, Side side, String connectionType) {
    Side other = waiting.get(id);
    if (other == null || other.client == side.client) {
      if (other == null && waiting.size() < WAITING_MAX) {
        waiting.put(id, side);
      }
      return;
    }
    waiting.remove(id);
    Side client = side.client ? side : other;
    Side server = side.client ? other : side;
    count(
        client.startNanos,
        client.service,
        server.service,
        connectionType,
        client.failed || server.failed,
        client.nanos,
        server.nanos);
  }

  private void count(
      long startNanos,
      String client,
      String server,
      String connectionType,
      boolean failed,
      long clientNanos,
      long serverNanos) {
    long minute = Math.floorDiv(startNanos, NANOS_PER_MINUTE);
    Edge edge =
        new Edge(minute, CatalogueText.of(client), CatalogueText.of(server), connectionType);
    if (sums.size() >= EDGES_MAX && !sums.containsKey(edge)) {
      edge = new Edge(minute, edge.client, OTHER, connectionType);
    }
    Sum sum = sums.computeIfAbsent(edge, e -> new Sum());
    sum.calls++;
    sum.failed += failed ? 1 : 0;
    sum.clientNanos += clientNanos;
    sum.serverNanos += serverNanos;
  }

  /** The rows since the last call, in the order in which writers must lock them. */
  List<EdgeRow> drain() {
    expire(clock.millis() - WAIT.toMillis());
    List<EdgeRow> rows = new ArrayList<>(sums.size());
    sums.forEach(
        (edge, sum) ->
            rows.add(
                new EdgeRow(
                    edge.minute,
                    edge.client,
                    edge.server,
                    edge.connectionType,
                    sum.calls,
                    sum.failed,
                    sum.clientNanos,
                    sum.serverNanos)));
    sums.clear();
    rows.sort(
        Comparator.comparingLong(EdgeRow::minute)
            .thenComparing(EdgeRow::client)
            .thenComparing(EdgeRow::server)
            .thenComparing(EdgeRow::connectionType));
    return rows;
  }

  private void expire(long beforeMs) {
    Iterator<Side> oldestFirst = waiting.values().iterator();
    while (oldestFirst.hasNext()) {
      Side side = oldestFirst.next();
      if (side.sinceMs > beforeMs) {
        return;
      }
      if (side.client && !side.peer.isEmpty()) {
        count(side.startNanos, side.service, side.peer, side.peerType, side.failed, side.nanos, 0);
      }
      oldestFirst.remove();
    }
  }
}
