package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.LogReader.TailListener;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket that follows log records. Records wait in a bounded buffer until the client takes
 * them; what does not fit is dropped, and the next message says how many were. Messages are {@code
 * {"logs": [...], "dropped": 0}}; pings keep a silent connection open.
 */
final class LogTailSession implements TailListener {
  /** Records that may wait. */
  static final int BUFFER_MAX = 1_000;

  /** Of the records that wait, as messages have them; one alone may have more. */
  static final long BUFFER_BYTES_MAX = 2 << 20;

  /** Of a message; its last record may go beyond. */
  static final long MESSAGE_BYTES_MAX = 256 << 10;

  private static final int MESSAGE_RECORDS_MAX = 50;
  private static final long PING_MS = 20_000;

  private final Vertx vertx;
  private final Deque<StoredLog> waiting = new ArrayDeque<>();
  private @Nullable ServerWebSocket socket;
  private @Nullable Context context;
  private long waitingBytes;
  private long dropped;
  private long pings = -1;

  LogTailSession(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Called on the socket's context. */
  synchronized void open(ServerWebSocket opened) {
    socket = opened;
    context = vertx.getOrCreateContext();
    opened.drainHandler(ready -> send());
    pings =
        vertx.setPeriodic(
            PING_MS, id -> opened.writePing(Buffer.buffer("tail")).onFailure(gone -> close()));
    send();
  }

  synchronized void close() {
    socket = null;
    waiting.clear();
    waitingBytes = 0;
    if (pings >= 0) {
      vertx.cancelTimer(pings);
      pings = -1;
    }
  }

  @Override
  public synchronized void records(List<StoredLog> records) {
    for (StoredLog log : records) {
      long size = log.answerBytes();
      boolean fits = waitingBytes == 0 || waitingBytes + size <= BUFFER_BYTES_MAX;
      if (waiting.size() < BUFFER_MAX && fits) {
        waiting.add(log);
        waitingBytes += size;
      } else {
        dropped++;
      }
    }
    Context sending = context;
    if (sending != null) {
      sending.runOnContext(ignored -> send());
    }
  }

  private synchronized void send() {
    ServerWebSocket open = socket;
    while (open != null
        && !open.isClosed()
        && !open.writeQueueFull()
        && (!waiting.isEmpty() || dropped > 0)) {
      List<StoredLog> some = new ArrayList<>();
      long bytes = 0;
      while (!waiting.isEmpty() && some.size() < MESSAGE_RECORDS_MAX && bytes < MESSAGE_BYTES_MAX) {
        StoredLog next = waiting.remove();
        waitingBytes -= next.answerBytes();
        bytes += next.answerBytes();
        some.add(next);
      }
      JsonObject message = new JsonObject().put("logs", LogJson.list(some)).put("dropped", dropped);
      dropped = 0;
      // A failure closes the socket, whose close handler ends this session.
      open.writeTextMessage(message.encode()).onFailure(gone -> close());
    }
  }
}
