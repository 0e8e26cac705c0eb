package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.AttributeValue;
import dev.tocsin.storage.ports.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The parameter {@code attribute}: an optional scope and a colon, a key, an operator and a value,
 * as in {@code http.route=/cart}, {@code resource:cloud.region!~eu-.*} or {@code
 * http.response.status_code>=500}. {@code =} and {@code !=} compare values of a type: see {@link
 * TypedValues}. {@code =~} and {@code !~} compare any value as its text.
 */
final class AttributeParams {
  private static final int CHARACTERS_MAX = 2_000;

  /** Longer operators first. */
  private static final List<Comparison> OPERATORS =
      List.of(
          Comparison.NOT_EQUAL,
          Comparison.MATCHES_NOT,
          Comparison.MATCHES,
          Comparison.LESS_OR_EQUAL,
          Comparison.GREATER_OR_EQUAL,
          Comparison.EQUAL,
          Comparison.LESS,
          Comparison.GREATER);

  private AttributeParams() {}

  /**
   * The conditions of all {@code attribute} parameters. As in PromQL an item without the key passes
   * {@code !=} and {@code !~}.
   *
   * @param positive makes a condition that a value passes
   * @param negative makes one that no value passes
   */
  static <C> List<C> read(
      Params params, Function<AttributeTest, C> positive, Function<AttributeTest, C> negative) {
    List<C> conditions = new ArrayList<>();
    for (String text : params.texts("attribute")) {
      Parsed parsed = parse(text);
      boolean negated = parsed.comparison() != parsed.comparison().positive();
      try {
        AttributeTest test =
            new AttributeTest(
                parsed.scope(), parsed.key(), parsed.comparison().positive(), value(parsed));
        conditions.add(negated ? negative.apply(test) : positive.apply(test));
      } catch (IllegalArgumentException e) {
        throw Params.refused("attribute", e);
      }
    }
    return conditions;
  }

  private static AttributeValue value(Parsed parsed) {
    return parsed.comparison().positive() == Comparison.EQUAL
        ? TypedValues.of(parsed.value())
        : new AttributeValue.Untyped(parsed.value());
  }

  private record Parsed(AttributeScope scope, String key, Comparison comparison, String value) {}

  private static Parsed parse(String text) {
    if (text.length() > CHARACTERS_MAX) {
      throw Params.bad("attribute", text, "at most " + CHARACTERS_MAX + " characters");
    }
    AttributeScope scope = AttributeScope.ITEM_OR_RESOURCE;
    String rest = text;
    int colon = text.indexOf(':');
    Optional<AttributeScope> named =
        colon < 0 ? Optional.empty() : ScopeNames.parse(text.substring(0, colon));
    if (named.isPresent()) {
      scope = named.get();
      rest = text.substring(colon + 1);
    }
    for (int at = 1; at < rest.length(); at++) {
      for (Comparison operator : OPERATORS) {
        if (rest.startsWith(operator.symbol(), at)) {
          String value = rest.substring(at + operator.symbol().length());
          return new Parsed(scope, rest.substring(0, at), operator, value);
        }
      }
    }
    throw Params.bad(
        "attribute", text, "[scope:]key=value, or != =~ !~ < <= > >= in the place of =");
  }
}
