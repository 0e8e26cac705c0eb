package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.TextPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The parameters by which log records are chosen: the same for search, histogram and tail. */
final class LogFilterParams {
  static final Set<String> NAMES =
      Set.of(
          "q",
          "contains",
          "not_contains",
          "regex",
          "not_regex",
          "service",
          "severity",
          "trace_id",
          "span_id",
          "attribute");

  private static final List<String> SEVERITIES =
      List.of("trace", "debug", "info", "warn", "error", "fatal");
  private static final int SEVERITY_MAX = 24;
  private static final String BODY = "body.";
  private static final int TEXT_CHARACTERS_MAX = 1_000;
  private static final int SPAN_ID_DIGITS = 16;

  private LogFilterParams() {}

  static Condition<LogCondition> read(Params params) {
    List<Condition<LogCondition>> parts = new ArrayList<>();
    String service = params.text("service");
    if (!service.isEmpty()) {
      parts.add(new LogCondition.Service(service));
    }
    int severity = severity(params.text("severity"));
    if (severity > 0) {
      parts.add(new LogCondition.Severity(severity, SEVERITY_MAX));
    }
    String traceId = params.text("trace_id");
    if (!traceId.isEmpty()) {
      parts.add(new LogCondition.Trace(TraceRoutes.traceId("trace_id", traceId)));
    }
    String spanId = params.text("span_id");
    if (!spanId.isEmpty()) {
      parts.add(new LogCondition.Span(TraceRoutes.id("span_id", spanId, SPAN_ID_DIGITS)));
    }
    addTexts(params, parts);
    parts.addAll(
        AttributeParams.read(
            params, LogFilterParams::attribute, test -> new Condition.Not<>(attribute(test))));
    return new Condition.All<>(parts);
  }

  /** Without a scope, {@code body.user.id} is an attribute of that name or a field of the body. */
  private static Condition<LogCondition> attribute(AttributeTest test) {
    Condition<LogCondition> named = new LogCondition.Attribute(test);
    if (test.scope() != AttributeScope.ITEM_OR_RESOURCE || !test.key().startsWith(BODY)) {
      return named;
    }
    AttributeTest ofBody =
        new AttributeTest(
            AttributeScope.BODY,
            test.key().substring(BODY.length()),
            test.comparison(),
            test.value());
    return new Condition.Any<>(List.of(named, new LogCondition.Attribute(ofBody)));
  }

  /** Each may be given several times; all hold. */
  private static void addTexts(Params params, List<Condition<LogCondition>> parts) {
    params
        .texts("q", TEXT_CHARACTERS_MAX)
        .forEach(text -> parts.add(new LogCondition.Phrase(text)));
    params
        .texts("contains", TEXT_CHARACTERS_MAX)
        .forEach(text -> parts.add(new LogCondition.Contains(text)));
    params
        .texts("not_contains", TEXT_CHARACTERS_MAX)
        .forEach(text -> parts.add(new Condition.Not<>(new LogCondition.Contains(text))));
    patterns(params, "regex").forEach(parts::add);
    patterns(params, "not_regex").forEach(matches -> parts.add(new Condition.Not<>(matches)));
  }

  private static List<LogCondition> patterns(Params params, String name) {
    List<LogCondition> patterns = new ArrayList<>();
    // How long one may be its compiler says, whose words for it are better.
    for (String text : params.texts(name, Integer.MAX_VALUE)) {
      try {
        patterns.add(new LogCondition.Matches(TextPattern.compile(text)));
      } catch (IllegalArgumentException e) {
        throw Params.refused(name, e);
      }
    }
    return patterns;
  }

  private static int severity(String value) {
    if (value.isEmpty()) {
      return 0;
    }
    int named = SEVERITIES.indexOf(value.toLowerCase(Locale.ROOT));
    if (named >= 0) {
      return 1 + 4 * named;
    }
    if (value.matches("\\d{1,2}")) {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= SEVERITY_MAX) {
        return number;
      }
    }
    throw Params.bad(
        "severity", value, "trace, debug, info, warn, error, fatal or 1-" + SEVERITY_MAX);
  }
}
