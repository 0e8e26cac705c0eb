package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.index.TextTokens;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.AttributeValue;
import dev.tocsin.storage.ports.Comparison;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Fields of a log body that is a map or a list, named by a path such as {@code user.id} or {@code
 * items[0].sku}. Keys with dots in them are found as well: {@code user.id} is {@code {"user":
 * {"id": 1}}} and {@code {"user.id": 1}}. At a list, {@code [0]} or {@code 0} is its first element;
 * {@code [*]}, or nothing at all, is any of them. What the path ends at is compared as attributes
 * are, a list also by any of its elements.
 */
public final class BodyField {
  private static final String ANY_ELEMENT = "[*]";

  private BodyField() {}

  /**
   * Whether a field that the test's key names passes it. A node is looked at once at most, as its
   * place in the path is told by the keys above it.
   */
  public static boolean passes(AttributeTest test, AnyValue body) {
    return passes(test, body, test.key());
  }

  private static boolean passes(AttributeTest test, AnyValue value, String path) {
    if (value.hasArrayValue()) {
      return anyElement(test, value.getArrayValue().getValuesList(), path)
          || (path.isEmpty() && test.test(value));
    }
    if (path.isEmpty()) {
      return test.test(value);
    }
    for (KeyValue pair : value.getKvlistValue().getValuesList()) {
      if (path.startsWith(pair.getKey())) {
        String rest = path.substring(pair.getKey().length());
        boolean ends = rest.isEmpty() || rest.startsWith(".") || rest.startsWith("[");
        if (ends && passes(test, pair.getValue(), withoutDot(rest))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean anyElement(AttributeTest test, List<AnyValue> elements, String path) {
    if (path.startsWith(ANY_ELEMENT)) {
      String rest = withoutDot(path.substring(ANY_ELEMENT.length()));
      return elements.stream().anyMatch(element -> passes(test, element, rest));
    }
    boolean bracket = path.startsWith("[");
    int from = bracket ? 1 : 0;
    int to = from;
    while (to < path.length() && Character.digit(path.charAt(to), 10) >= 0) {
      to++;
    }
    int end = bracket && to < path.length() && path.charAt(to) == ']' ? to + 1 : to;
    boolean isIndex =
        to > from
            && to - from < 10
            && (!bracket || end > to)
            && (end == path.length() || path.charAt(end) == '.' || path.charAt(end) == '[');
    if (!isIndex) {
      return elements.stream().anyMatch(element -> passes(test, element, path));
    }
    int index = Integer.parseInt(path.substring(from, to));
    return index < elements.size()
        && passes(test, elements.get(index), withoutDot(path.substring(end)));
  }

  private static String withoutDot(String rest) {
    return rest.startsWith(".") ? rest.substring(1) : rest;
  }

  /**
   * Words that every body with such a field has: of its keys, which may not be places in lists, and
   * of a text it must equal.
   */
  static Collection<String> words(AttributeTest test) {
    Set<String> words = new LinkedHashSet<>(TextTokens.sought(test.key()));
    words.removeIf(word -> word.chars().allMatch(Character::isDigit));
    AttributeValue value = test.value();
    boolean text = value instanceof AttributeValue.Text || value instanceof AttributeValue.Untyped;
    if (test.comparison() == Comparison.EQUAL && text) {
      words.addAll(TextTokens.sought(value.asText()));
    }
    return words;
  }
}
