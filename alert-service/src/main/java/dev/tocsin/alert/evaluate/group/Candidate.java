package dev.tocsin.alert.evaluate.group;

import dev.tocsin.promql.series.Labels;
import java.util.Map;

/**
 * One sample of an alerting rule's result with the rule's labels and annotations applied.
 *
 * @param labels sample labels without the metric name, the rule's labels, {@code alertname}
 */
public record Candidate(Labels labels, Map<String, String> annotations, double value) {}
