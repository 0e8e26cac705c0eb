package dev.tocsin.promql.regex;

import dev.tocsin.promql.PromqlException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** An anchored regular expression. */
public final class Regex {
  private final Pattern pattern;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * @throws PromqlException of kind PARSE when the text is no regular expression
   */
  public static Regex compile(String text) {
    try {
      return new Regex(Pattern.compile("(?s:" + text + ")"));
    } catch (PatternSyntaxException e) {
      throw new PromqlException(
          PromqlException.Kind.PARSE,
          "error parsing regexp: " + e.getDescription() + ": `" + text + "`",
          e);
    }
  }

  /**
   * The template with {@code $1} and {@code ${name}} filled in, or null when the text does not
   * match.
   */
  public @Nullable String expand(String text, String template) {
    java.util.regex.Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < template.length(); i++) {
      char c = template.charAt(i);
      if (c == '$' && i + 1 < template.length() && Character.isDigit(template.charAt(i + 1))) {
        int group = template.charAt(++i) - '0';
        String value = group <= matcher.groupCount() ? matcher.group(group) : null;
        out.append(value == null ? "" : value);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  public boolean matches(String text) {
    return pattern.matcher(text).matches();
  }
}
