package dev.tocsin.segment.core;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/**
 * What of a segment is looked at, so that no more of it is fetched.
 *
 * @param keys attributes of items
 */
public record Need(Set<Part> parts, Set<String> keys) {
  /** Only what tells the rows of a service. */
  public static final Need NONE = new Need(Set.of(), Set.of());

  public static final Need ALL = of(Part.ALL);

  /** Parts of a segment; what a kind of segment does not have is never needed of it. */
  public enum Part {
    /** Times and what else the rows of one service, or all rows, have in columns. */
    ROWS,
    RESOURCES,
    SCOPES,
    TRACES,
    /** Of spans: which have no parent. */
    ROOTS,
    /** Of log records: the spans they name. */
    SPANS,
    /** Of log records: the bodies. */
    TEXTS,
    /** What no column holds: events, links. */
    REST,
    /** All of it: items as they came. */
    ALL
  }

  public Need {
    parts = Set.copyOf(parts);
    keys = Set.copyOf(keys);
  }

  public static Need of(Part first, Part... more) {
    return new Need(EnumSet.of(first, more), Set.of());
  }

  /** Attributes of items by that key. */
  public static Need ofKey(String key) {
    return new Need(Set.of(Part.ROWS), Set.of(key));
  }

  public boolean has(Part part) {
    return parts.contains(part);
  }

  public Need and(Need other) {
    Set<Part> allParts = new HashSet<>(parts);
    allParts.addAll(other.parts);
    Set<String> allKeys = new HashSet<>(keys);
    allKeys.addAll(other.keys);
    return new Need(allParts, allKeys);
  }
}
