package dev.tocsin.promql;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.parse.ExprParser;
import dev.tocsin.promql.parse.ParserOptions;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.List;

/** Text to syntax tree. Stateless and thread-safe. */
public final class PromqlParser {
  private PromqlParser() {}

  /**
   * Parses and type-checks a query with everything experimental allowed.
   *
   * @throws PromqlException of kind PARSE, with a position
   */
  public static Expr parse(String query) {
    return parse(query, ParserOptions.EXPERIMENTAL);
  }

  /**
   * @throws PromqlException of kind PARSE, with a position
   */
  public static Expr parse(String query, ParserOptions options) {
    return ExprParser.parse(query, options);
  }

  /**
   * The matchers of a lone instant selector, as in {@code match[]} parameters.
   *
   * @throws PromqlException of kind PARSE when the text is anything else
   */
  public static List<LabelMatcher> parseSelector(String selector) {
    return ExprParser.parseSelector(selector);
  }

  /**
   * The labels of a series written as {@code name{label="value"}}.
   *
   * @throws PromqlException of kind PARSE when the text is anything else
   */
  public static Labels parseSeries(String series) {
    return ExprParser.parseSeries(series);
  }
}
