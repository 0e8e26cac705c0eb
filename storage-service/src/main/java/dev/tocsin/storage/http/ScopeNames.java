package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.AttributeScope;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where attributes stand, as requests and answers name it: one set for all of them. {@code span}
 * and {@code log} are {@code item}, for whoever thinks of the one or the other.
 */
final class ScopeNames {
  private static final List<String> ITEMS = List.of("span", "log");

  private ScopeNames() {}

  static Optional<AttributeScope> parse(String name) {
    if (ITEMS.contains(name)) {
      return Optional.of(AttributeScope.ITEM);
    }
    for (AttributeScope scope : AttributeScope.values()) {
      if (text(scope).equals(name)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }

  static String text(AttributeScope scope) {
    return scope.name().toLowerCase(Locale.ROOT);
  }
}
