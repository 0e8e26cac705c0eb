package dev.tocsin.promql.template;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Expands the templates of alert labels and annotations: Go's text/template with Prometheus's
 * functions. Immutable and thread-safe. Templates are bounded in steps, nesting and output, so none
 * can hang its caller.
 */
public final class TemplateExpander {
  private final TemplateQuery query;
  private final BooleanSupplier over;

  private TemplateExpander(TemplateQuery query, BooleanSupplier over) {
    this.query = query;
    this.over = over;
  }

  /** Without the {@code query} function: it fails when called. */
  public static TemplateExpander withoutQueries() {
    return new TemplateExpander(
        expression -> {
          throw new TemplateException("query: no query function is available here");
        },
        () -> false);
  }

  public static TemplateExpander withQueries(TemplateQuery query) {
    return new TemplateExpander(query, () -> false);
  }

  /**
   * The same, but every expansion fails once that is so, also one that is under way: at its next
   * step.
   */
  public TemplateExpander endingWhen(BooleanSupplier timeIsOver) {
    return new TemplateExpander(query, timeIsOver);
  }

  /**
   * The expanded text, or {@code <error expanding template: ...>}: a bad template never keeps an
   * alert from being sent.
   */
  public String expand(String name, String text, TemplateData data) {
    try {
      return expandOrThrow(name, text, data);
    } catch (TemplateException e) {
      return "<error expanding template: " + e.getMessage() + ">";
    }
  }

  /**
   * The expanded text.
   *
   * @throws TemplateException when the template is malformed or fails
   */
  public String expandOrThrow(String name, String text, TemplateData data) {
    return expand(name, text, data, false);
  }

  /**
   * Expanded as HTML: values are escaped for the place they appear in, unless {@code safeHtml}
   * vouches for them, and {@code tmpl} calls a template by a computed name. Values stand between
   * tags and in quoted attributes; elsewhere (scripts, styles, event handlers, unquoted attributes,
   * tags, comments) they are refused.
   *
   * @throws TemplateException when the template is malformed or fails
   */
  public String expandHtmlOrThrow(String name, String text, TemplateData data) {
    return expand(name, text, data, true);
  }

  private String expand(String name, String text, TemplateData data, boolean html) {
    if (text.indexOf("{{") < 0) {
      return text;
    }
    TemplateParser.Parsed parsed;
    try {
      parsed = TemplateParser.parse(text, html);
    } catch (TemplateException e) {
      throw new TemplateException(
          "error parsing template " + name + ": template: " + name + ":" + e.getMessage());
    }
    try {
      return new TemplateRun(parsed, new TemplateFunctions(query, data), html, over).run(data);
    } catch (TemplateException e) {
      throw new TemplateException(
          "error executing template " + name + ": template: " + name + ": " + e.getMessage());
    } catch (StackOverflowError e) {
      throw new TemplateException("error executing template " + name + ": nested too deeply");
    }
  }

  /** What is wrong with the syntax of a label's or annotation's template, or null. */
  public static @Nullable String check(String text) {
    try {
      TemplateParser.parse(text, false).requireCalledTemplates();
      return null;
    } catch (TemplateException e) {
      return "template: " + e.getMessage();
    }
  }
}
