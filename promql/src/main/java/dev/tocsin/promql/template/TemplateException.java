package dev.tocsin.promql.template;

/** A template is malformed or fails. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }
}
