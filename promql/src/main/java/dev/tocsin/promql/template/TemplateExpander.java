package dev.tocsin.promql.template;

import org.jspecify.annotations.Nullable;

/**
 * Expands the templates of alert labels and annotations: Go's text/template with Prometheus's
 * functions. Immutable and thread-safe. Templates are bounded in steps, nesting and output, so none
 * can hang its caller.
 */
public final class TemplateExpander {
  private final TemplateQuery query;

  private TemplateExpander(TemplateQuery query) {
    this.query = query;
  }

  /** Without the {@code query} function: it fails when called. */
  public static TemplateExpander withoutQueries() {
    return new TemplateExpander(
        expression -> {
          throw new TemplateException("query: no query function is available here");
        });
  }

  public static TemplateExpander withQueries(TemplateQuery query) {
    return new TemplateExpander(query);
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
    if (text.indexOf("{{") < 0) {
      return text;
    }
    TemplateParser.Parsed parsed;
    try {
      parsed = TemplateParser.parse(text);
    } catch (TemplateException e) {
      throw new TemplateException(
          "error parsing template " + name + ": template: " + name + ":" + e.getMessage());
    }
    try {
      return new TemplateRun(parsed, new TemplateFunctions(query, data)).run(data);
    } catch (TemplateException e) {
      throw new TemplateException(
          "error executing template " + name + ": template: " + name + ": " + e.getMessage());
    } catch (StackOverflowError e) {
      throw new TemplateException("error executing template " + name + ": nested too deeply");
    }
  }

  /** What is wrong with a template's syntax, or null. */
  public static @Nullable String check(String text) {
    try {
      TemplateParser.parse(text).requireCalledTemplates();
      return null;
    } catch (TemplateException e) {
      return "template: " + e.getMessage();
    }
  }
}
