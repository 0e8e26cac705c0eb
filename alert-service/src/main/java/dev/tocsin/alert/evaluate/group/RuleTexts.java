package dev.tocsin.alert.evaluate.group;

import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.rules.AlertingRule;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.template.TemplateData;
import dev.tocsin.promql.template.TemplateException;
import dev.tocsin.promql.template.TemplateExpander;
import dev.tocsin.promql.text.PromqlException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Expands the labels and annotations of alerts within one evaluation of a group. All templates
 * together have so much time, for all other groups wait meanwhile. When it is over, annotations
 * stay as they are written, and alerts fire all the same. Labels have twice as much, because they
 * decide which alert it is.
 */
public final class RuleTexts {
  public static final long ANNOTATIONS_MS = 1_000;
  private static final long LABELS_MS = 2 * ANNOTATIONS_MS;
  private static final String UNEXPANDED = "<not expanded for want of time> ";

  /** So many samples of answers are kept to be given again. */
  private static final int KEPT_SAMPLES_MAX = 1_000_000;

  private final GroupRun.Queries queries;
  private final Instant asOf;
  private final TemplateExpander forLabels;
  private final TemplateExpander forAnnotations;

  /** What the templates of the present rule have asked: most alerts of a rule ask the same. */
  private final Map<String, Answer> answers = new HashMap<>();

  private long keptSamples;
  private long spentNanos;
  private long beganNanos;
  private int unexpanded;

  /**
   * What came of a query.
   *
   * @param error empty when there is an answer
   */
  private record Answer(List<Value.Sample> samples, String error) {}

  RuleTexts(GroupRun.Queries queries, Instant asOf) {
    this.queries = queries;
    this.asOf = asOf;
    this.forLabels = expander(LABELS_MS);
    this.forAnnotations = expander(ANNOTATIONS_MS);
  }

  private TemplateExpander expander(long allowedMs) {
    return TemplateExpander.withQueries(query -> ask(query, allowedMs))
        .endingWhen(() -> isOver(allowedMs));
  }

  /** The texts of a rule's alerts follow. */
  void begin() {
    answers.clear();
    keptSamples = 0;
    unexpanded = 0;
    beganNanos = queries.nanoTime();
  }

  /**
   * They are done.
   *
   * @return what could not be done; empty when all could
   */
  String end() {
    spentNanos += queries.nanoTime() - beganNanos;
    answers.clear();
    queries.unexpanded(unexpanded);
    return unexpanded == 0
        ? ""
        : "%d annotations are not expanded for want of time: the templates of a group may take %d ms together"
            .formatted(unexpanded, ANNOTATIONS_MS);
  }

  private boolean isOver(long allowedMs) {
    long nanos = spentNanos + queries.nanoTime() - beganNanos;
    return nanos > TimeUnit.MILLISECONDS.toNanos(allowedMs);
  }

  private List<Value.Sample> ask(String query, long allowedMs) {
    Answer answer = answers.get(query);
    if (answer == null) {
      answer = answer(query, allowedMs);
      keptSamples += answer.samples.size();
      if (keptSamples <= KEPT_SAMPLES_MAX) {
        answers.put(query, answer);
      }
    }
    if (!answer.error.isEmpty()) {
      throw PromqlException.execution(answer.error);
    }
    return answer.samples;
  }

  private Answer answer(String query, long allowedMs) {
    try {
      return new Answer(
          queries.instant(PromqlParser.parse(query), asOf, () -> isOver(allowedMs)), "");
    } catch (PromqlException e) {
      return new Answer(List.of(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * The labels of an alert.
   *
   * @param failed takes the names of those that could not be expanded, and why
   */
  Labels labels(
      AlertingRule rule, Value.Sample sample, TemplateData data, Map<String, String> failed) {
    Labels.Builder labels = sample.labels().withoutName().toBuilder();
    rule.labels()
        .forEach(
            (name, text) -> {
              try {
                labels.put(name, forLabels.expandOrThrow(rule.name(), text, data));
              } catch (TemplateException e) {
                String error = "<error expanding template: " + e.getMessage() + ">";
                labels.put(name, error);
                failed.put(name, error);
              }
            });
    return AlertSize.labels(labels.put("alertname", rule.name()).build());
  }

  Map<String, String> annotations(AlertingRule rule, TemplateData data) {
    Map<String, String> annotations = new LinkedHashMap<>();
    rule.annotations()
        .forEach((name, text) -> annotations.put(name, annotation(rule.name(), text, data)));
    return AlertSize.annotations(annotations);
  }

  private String annotation(String rule, String text, TemplateData data) {
    try {
      return forAnnotations.expandOrThrow(rule, text, data);
    } catch (TemplateException e) {
      if (!isOver(ANNOTATIONS_MS)) {
        return "<error expanding template: " + e.getMessage() + ">";
      }
      unexpanded++;
      return UNEXPANDED + text;
    }
  }
}
