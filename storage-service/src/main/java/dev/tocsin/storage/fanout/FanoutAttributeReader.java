package dev.tocsin.storage.fanout;

import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.Future;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Attributes of several databases. */
final class FanoutAttributeReader implements AttributeReader {
  private static final Comparator<AttributeKey> BY_SCOPE =
      Comparator.comparing(AttributeKey::scope).thenComparing(AttributeKey::key);

  private final Members<AttributeReader> members;

  FanoutAttributeReader(Map<String, AttributeReader> readers) {
    this.members = new Members<>(readers);
  }

  @Override
  public Future<List<AttributeKey>> keys(TimeRange range, int limit, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.keys(range, limit, part))
        .map(lists -> SortedLists.union(lists, BY_SCOPE, limit));
  }

  @Override
  public Future<List<String>> values(
      AttributeScope scope, String key, TimeRange range, int limit, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.values(scope, key, range, limit, part))
        .map(lists -> SortedLists.union(lists, Comparator.naturalOrder(), limit));
  }
}
