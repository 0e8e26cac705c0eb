package dev.tocsin.storage.read.scan;

import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.storage.ports.AttributeScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import java.util.TreeSet;

/** Collects the values of one key up to a limit. */
final class AttributeValues {
  /** A longer value is left out: cut, it would find nothing, and a list has no room for it. */
  static final int CHARACTERS_MAX = 1_024;

  private final AttributeScope scope;
  private final String key;
  private final int limit;
  private final TreeSet<String> values = new TreeSet<>();

  public AttributeValues(AttributeScope scope, String key, int limit) {
    this.scope = scope;
    this.key = key;
    this.limit = limit;
  }

  /** Takes an attribute; false when no more are wanted. */
  public boolean add(AttributeScope at, KeyValue pair) {
    boolean inScope =
        switch (scope) {
          case ANY -> true;
          case ITEM_OR_RESOURCE -> at == AttributeScope.ITEM || at == AttributeScope.RESOURCE;
          default -> at == scope;
        };
    if (inScope && pair.getKey().equals(key)) {
      String value = AttributeText.of(pair.getValue());
      if (value.length() <= CHARACTERS_MAX) {
        values.add(value);
      }
    }
    return values.size() < limit;
  }

  public List<String> inOrder() {
    return List.copyOf(values);
  }
}
