package dev.tocsin.alert.evaluate;

import dev.tocsin.promql.Labels;
import java.time.Instant;

/** Expands the templates in labels and annotations. */
public interface TemplateText {
  /**
   * @param text with Go template actions
   * @param labels of the sample
   * @return the text; when it cannot be expanded, a text that says so
   */
  String expand(String text, String alertName, Labels labels, double value, Instant at);
}
