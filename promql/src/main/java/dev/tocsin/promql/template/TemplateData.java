package dev.tocsin.promql.template;

import java.util.Map;

/**
 * What a template may speak of.
 *
 * @param labels {@code $labels}
 * @param value {@code $value}
 * @param externalLabels {@code $externalLabels}
 * @param externalUrl {@code $externalURL}
 * @param timestampMs time of the evaluation: what {@code now} gives
 */
public record TemplateData(
    Map<String, String> labels,
    double value,
    Map<String, String> externalLabels,
    String externalUrl,
    long timestampMs) {
  public TemplateData {
    labels = Map.copyOf(labels);
    externalLabels = Map.copyOf(externalLabels);
  }
}
