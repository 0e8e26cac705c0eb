package dev.tocsin.ingest.receive;

import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The last things not accepted, by key: what somebody asks who misses telemetry. Like ones in a row
 * are one entry with a count. Bounded in every way; thread-safe.
 */
public final class Rejections {
  private static final int TEXT_LENGTH_MAX = 400;

  private final InstantSource clock;
  private final int perKeyMax;
  private final BoundedLabel keys;
  private final Map<String, Deque<Entry>> rings = new ConcurrentHashMap<>();

  /**
   * @param keysMax how many keys are told apart; all others are {@code other}
   * @param perKeyMax how many entries of a key are kept
   */
  public Rejections(InstantSource clock, int keysMax, int perKeyMax) {
    this.clock = clock;
    this.keys = new BoundedLabel(keysMax);
    this.perKeyMax = perKeyMax;
  }

  /** What was not accepted, and of whom. */
  record Cause(
      String signal,
      String transport,
      String reason,
      String message,
      String userAgent,
      String service) {
    static Cause of(
        Payload payload,
        String reason,
        String message,
        @Nullable String userAgent,
        String service) {
      Signal signal = payload.signal();
      return new Cause(
          signal.label(),
          payload.transport(),
          reason,
          cut(message),
          cut(userAgent == null ? "" : userAgent),
          cut(service));
    }

    private static String cut(String text) {
      return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX);
    }
  }

  /** One cause as often as it came in a row, with the example that came last, if there is any. */
  record Entry(
      Instant firstAt, Instant lastAt, Cause cause, String example, long requests, long items) {
    JsonObject json() {
      return new JsonObject()
          .put("firstAt", firstAt.toString())
          .put("lastAt", lastAt.toString())
          .put("signal", cause.signal)
          .put("transport", cause.transport)
          .put("reason", cause.reason)
          .put("message", cause.message)
          .put("userAgent", cause.userAgent)
          .put("service", cause.service)
          .put("example", example)
          .put("requests", requests)
          .put("items", items);
    }
  }

  /**
   * @param example what one of the items says; may be empty
   * @param items how many were not accepted; 0 when that is not known
   */
  void add(String keyId, Cause cause, String example, int items) {
    Deque<Entry> ring = rings.computeIfAbsent(keys.of(keyId), key -> new ArrayDeque<>());
    Instant now = clock.instant();
    synchronized (ring) {
      Entry last = ring.peekLast();
      if (last != null && last.cause.equals(cause)) {
        ring.removeLast();
        ring.addLast(
            new Entry(last.firstAt, now, cause, example, last.requests + 1, last.items + items));
        return;
      }
      if (ring.size() >= perKeyMax) {
        ring.removeFirst();
      }
      ring.addLast(new Entry(now, now, cause, example, 1, items));
    }
  }

  /** The newest first. */
  List<Entry> of(String keyId) {
    Deque<Entry> ring = rings.get(keyId);
    if (ring == null) {
      return List.of();
    }
    synchronized (ring) {
      List<Entry> newestFirst = new ArrayList<>(ring.size());
      ring.descendingIterator().forEachRemaining(newestFirst::add);
      return newestFirst;
    }
  }

  /** {@code GET /api/v1/rejections[?key=]}: of one key, or of all by key. */
  public void addTo(Router router) {
    router.get("/api/v1/rejections").handler(this::answer);
  }

  private void answer(RoutingContext routing) {
    String key = routing.request().getParam("key");
    JsonArray all = new JsonArray();
    for (String each : key == null ? new TreeMap<>(rings).keySet() : List.of(key)) {
      JsonArray entries = new JsonArray();
      of(each).forEach(entry -> entries.add(entry.json()));
      all.add(new JsonObject().put("key", each).put("rejections", entries));
    }
    ServiceHttp.sendJson(routing, 200, new JsonObject().put("keys", all));
  }
}
