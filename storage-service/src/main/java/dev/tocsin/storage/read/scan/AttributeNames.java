package dev.tocsin.storage.read.scan;

import dev.tocsin.storage.ports.AttributeReader.AttributeKey;
import dev.tocsin.storage.ports.AttributeScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Collects attribute keys up to a limit. */
final class AttributeNames {
  private final int limit;
  private final TreeSet<AttributeKey> keys =
      new TreeSet<>(Comparator.comparing(AttributeKey::scope).thenComparing(AttributeKey::key));

  public AttributeNames(int limit) {
    this.limit = limit;
  }

  /** Takes an attribute; false when no more are wanted. */
  public boolean add(AttributeScope scope, KeyValue pair) {
    if (keys.size() < limit && pair.getKey().length() <= AttributeValues.CHARACTERS_MAX) {
      keys.add(new AttributeKey(scope, pair.getKey()));
    }
    return keys.size() < limit;
  }

  public List<AttributeKey> keys() {
    return List.copyOf(keys);
  }
}
