package dev.tocsin.ingest.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.tocsin.common.config.Section;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a text must be: an RE2 regular expression for the whole of it, as in Prometheus. Linear in
 * the length of the text; one without special characters compares bytes. Immutable, thread-safe.
 */
final class WholeTextPattern {
  private static final String SPECIAL = "\\^$.|?*+()[]{}";

  private final byte @Nullable [] literal;
  private final Pattern pattern;

  private WholeTextPattern(String expression) {
    boolean plain = expression.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0);
    this.literal = plain ? expression.getBytes(UTF_8) : null;
    this.pattern = Pattern.compile(expression, Pattern.DOTALL);
  }

  /**
   * @throws PatternSyntaxException when it is no RE2 expression
   */
  static WholeTextPattern of(String expression) {
    return new WholeTextPattern(expression);
  }

  /** From a key of a rule; a bad expression is noted as a problem. */
  static Optional<WholeTextPattern> from(Section rule, String key) {
    return rule.string(key).flatMap(expression -> parse(rule, key, expression));
  }

  static Optional<WholeTextPattern> parse(Section rule, String key, String expression) {
    try {
      return Optional.of(of(expression));
    } catch (PatternSyntaxException e) {
      rule.problem(key, expression, "an RE2 regular expression: " + e.getMessage());
      return Optional.empty();
    }
  }

  boolean matches(String text) {
    return pattern.matches(text);
  }

  boolean matches(byte[] bytes, int start, int end) {
    byte[] same = literal;
    return same == null
        ? pattern.matches(new String(bytes, start, end - start, UTF_8))
        : Arrays.equals(bytes, start, end, same, 0, same.length);
  }
}
