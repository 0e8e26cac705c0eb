package dev.tocsin.segment.index;

import dev.tocsin.otlp.wire.AttributeText;
import io.opentelemetry.proto.common.v1.AnyValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Collects the {@code key=value} hashes by which segments are found (S-15). Only keys on the list
 * are indexed; one with more than {@link #VALUES_MAX} values in a segment is marked as holding any
 * value, so the index stays small and never misses.
 */
public final class Tokens {
  /** Pseudo keys beside the attribute keys. */
  public static final String SERVICE = "service.name";

  public static final String NAME = "\u0001name";
  public static final String STATUS = "\u0001status";
  public static final String KIND = "\u0001kind";

  /** Attribute keys with few values, or useful for equality search. */
  public static final Set<String> KEYS =
      Set.of(
          SERVICE,
          NAME,
          STATUS,
          KIND,
          "http.request.method",
          "http.response.status_code",
          "http.route",
          "http.method",
          "http.status_code",
          "rpc.method",
          "rpc.service",
          "rpc.system",
          "db.system",
          "db.system.name",
          "db.operation.name",
          "db.namespace",
          "messaging.system",
          "messaging.destination.name",
          "error.type",
          "exception.type",
          "server.address",
          "service.peer.name",
          "peer.service",
          "deployment.environment.name",
          "service.version");

  public static final int VALUES_MAX = 200;

  private final Map<String, Set<Integer>> byKey = new HashMap<>();
  private final Set<String> overflowed = new HashSet<>();

  public void add(String key, String value) {
    if (overflowed.contains(key)) {
      return;
    }
    Set<Integer> hashes = byKey.computeIfAbsent(key, k -> new HashSet<>());
    hashes.add(Hashes.token(key, value));
    if (hashes.size() > VALUES_MAX) {
      overflow(key);
    }
  }

  /** Marks the key as holding any value. */
  public void overflow(String key) {
    byKey.remove(key);
    overflowed.add(key);
  }

  /** The hashes in ascending order, each once. */
  public Integer[] toArray() {
    Set<Integer> all = new HashSet<>();
    byKey.values().forEach(all::addAll);
    overflowed.forEach(key -> all.add(Hashes.anyValue(key)));
    return all.stream().sorted().toArray(Integer[]::new);
  }

  /** A value as search parameters write it. */
  public static String text(AnyValue value) {
    return AttributeText.of(value);
  }
}
