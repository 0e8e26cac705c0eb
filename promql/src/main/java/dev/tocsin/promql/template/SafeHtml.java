package dev.tocsin.promql.template;

/** Text that {@code safeHtml} or {@code tmpl} vouched for: HTML expansion does not escape it. */
record SafeHtml(String text) {
  @Override
  public String toString() {
    return text;
  }
}
