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
    Expansion.append(out, template, matcher::groupCount, matcher::group);
    return out.toString();
  }

  /** Whether any part of the text matches. */
  public boolean find(String text) {
    return pattern.matcher(text).find();
  }

  /** The text with every match replaced by the filled-in template. */
  public String replaceAll(String text, String template) {
    java.util.regex.Matcher matcher = pattern.matcher(text);
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (matcher.find()) {
      out.append(text, from, matcher.start());
      Expansion.append(out, template, matcher::groupCount, matcher::group);
      from = matcher.end();
    }
    return out.append(text.substring(from)).toString();
  }

  public boolean matches(String text) {
    return pattern.matcher(text).matches();
  }
}
