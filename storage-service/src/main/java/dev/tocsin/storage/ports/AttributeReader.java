package dev.tocsin.storage.ports;

import io.vertx.core.Future;
import java.util.List;

/** Which attributes items have, of spans or of log records. Thread-safe. */
public interface AttributeReader {

  /** Keys in the newest segments of the range, ascending within their scope. */
  Future<List<AttributeKey>> keys(TimeRange range, int limit, Cancellation cancellation);

  /** Values of a key in the newest segments of the range, ascending; each value at most once. */
  Future<List<String>> values(
      AttributeScope scope, String key, TimeRange range, int limit, Cancellation cancellation);

  /** A key and where it stands; never {@link AttributeScope#ANY}. */
  record AttributeKey(AttributeScope scope, String key) {}
}
