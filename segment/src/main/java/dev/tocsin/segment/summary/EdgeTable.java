package dev.tocsin.segment.summary;

import dev.tocsin.segment.span.SpanNames;
import dev.tocsin.segment.span.SpanRow;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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

  private record Side(
      boolean client,
      String service,
      long startNanos,
      long nanos,
      boolean failed,
      String peer,
      String peerType,
      long sinceMs) {}

  private record Edge(String client, String server, String connectionType) {}

  private static final class Sum {
    int calls;
    int failed;
    long clientNanos;
    long serverNanos;
  }

  private final InstantSource clock;
  private final Peer peer = new Peer();

  /** By the hashes of trace and span id: a clash would only tell a wrong call on the map. */
  private final Map<Long, Side> waiting = new LinkedHashMap<>();

  private final OpenMinutes<Map<Edge, Sum>> minutes =
      new OpenMinutes<>(HashMap::new, edges -> edges.size() >= EDGES_MAX);

  private long nowMs;

  EdgeTable(InstantSource clock) {
    this.clock = clock;
  }

  /** A segment begins; the time is looked at once for all its spans. */
  void begin() {
    nowMs = clock.millis();
  }

  void add(SpanNames names, SpanRow row) {
    int kind = row.kind();
    if (kind == CLIENT || kind == PRODUCER) {
      peer.read(row);
      if (kind == CLIENT && peer.isDatabase()) {
        count(side(names, row, true), CatalogueText.of(peer.name()), DATABASE);
      } else {
        String type = kind == PRODUCER ? MESSAGING : CALL;
        meet(callId(names.traceHash(row.trace()), row.spanHash()), side(names, row, true), type);
      }
    } else if ((kind == SERVER || kind == CONSUMER) && row.hasParent()) {
      String type = kind == CONSUMER ? MESSAGING : CALL;
      meet(callId(names.traceHash(row.trace()), row.parentHash()), side(names, row, false), type);
    }
  }

  /** The client's span id names both sides; a server has it as its parent. */
  private static long callId(long traceHash, long clientHash) {
    return traceHash ^ Long.rotateLeft(clientHash, 31);
  }

  private Side side(SpanNames names, SpanRow row, boolean client) {
    return new Side(
        client,
        CatalogueText.of(names.service(row.service())),
        row.startNanos(),
        row.durationNanos(),
        row.status() == STATUS_ERROR,
        client ? CatalogueText.of(peer.name()) : "",
        client ? peer.connectionType() : "",
        nowMs);
  }

  private void meet(long id, Side side, String connectionType) {
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

  private void count(Side client, String server, String connectionType) {
    count(
        client.startNanos, client.service, server, connectionType, client.failed, client.nanos, 0);
  }

  private void count(
      long startNanos,
      String client,
      String server,
      String connectionType,
      boolean failed,
      long clientNanos,
      long serverNanos) {
    Map<Edge, Sum> sums = minutes.change(OpenMinutes.of(startNanos));
    Edge edge = new Edge(client, server, connectionType);
    if (sums.size() >= EDGES_MAX && !sums.containsKey(edge)) {
      edge = new Edge(edge.client, OTHER, connectionType);
    }
    Sum sum = sums.computeIfAbsent(edge, e -> new Sum());
    sum.calls++;
    sum.failed += failed ? 1 : 0;
    sum.clientNanos = Saturated.plus(sum.clientNanos, clientNanos);
    sum.serverNanos = Saturated.plus(sum.serverNanos, serverNanos);
  }

  /**
   * The minutes that changed since the last call.
   *
   * @param offset of the first record since then
   */
  List<EdgeBlock> drain(long offset) {
    expire(clock.millis() - WAIT.toMillis());
    return minutes.drain(offset, (minute, id, sums) -> new EdgeBlock(minute, id, rows(sums)));
  }

  private static List<EdgeRow> rows(Map<Edge, Sum> sums) {
    List<EdgeRow> rows = new ArrayList<>(sums.size());
    sums.forEach(
        (edge, sum) ->
            rows.add(
                new EdgeRow(
                    edge.client,
                    edge.server,
                    edge.connectionType,
                    sum.calls,
                    sum.failed,
                    sum.clientNanos,
                    sum.serverNanos)));
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
        count(side, side.peer, side.peerType);
      }
      oldestFirst.remove();
    }
  }
}
