package dev.tocsin.ingest.process;

import dev.tocsin.common.config.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Items that nobody wants to keep: those that meet every condition given.
 *
 * @param service of the resource, {@code service.name}
 * @param item a span's name, a metric's name or a log record's event name
 * @param body of a log record, when it is text
 * @param severityBelow log records with a lower severity number, and a known one; 0 for any
 * @param attributes of the item or its resource, by key
 */
record DropRule(
    RuleScope scope,
    Optional<WholeTextPattern> service,
    Optional<WholeTextPattern> item,
    Optional<WholeTextPattern> body,
    int severityBelow,
    Map<String, WholeTextPattern> attributes) {

  /** Lowest number of each severity (OTLP SeverityNumber). */
  private static final Map<String, Integer> SEVERITIES =
      Map.of("trace", 1, "debug", 5, "info", 9, "warn", 13, "error", 17, "fatal", 21);

  static DropRule from(Section rule) {
    DropRule read =
        new DropRule(
            RuleScope.from(rule),
            WholeTextPattern.from(rule, "service"),
            WholeTextPattern.from(rule, "item"),
            WholeTextPattern.from(rule, "body"),
            severity(rule),
            attributes(rule));
    if (read.unconditional()) {
      rule.problem(
          "name",
          read.scope.name(),
          "a condition: one or more of service, item, body, severity_below, attributes");
    }
    return read;
  }

  private boolean unconditional() {
    return service.isEmpty()
        && item.isEmpty()
        && body.isEmpty()
        && severityBelow == 0
        && attributes.isEmpty();
  }

  private static int severity(Section rule) {
    Optional<String> name = rule.string("severity_below");
    Integer number = SEVERITIES.get(name.orElse(""));
    if (name.isPresent() && number == null) {
      rule.problem("severity_below", name.get(), "trace, debug, info, warn, error or fatal");
    }
    return number == null ? 0 : number;
  }

  private static Map<String, WholeTextPattern> attributes(Section rule) {
    Map<String, WholeTextPattern> patterns = new TreeMap<>();
    for (String condition : rule.strings("attributes", List.of())) {
      int equals = condition.indexOf('=');
      if (equals < 1) {
        rule.problem("attributes", condition, "key=regular expression");
      } else {
        WholeTextPattern.parse(rule, "attributes", condition.substring(equals + 1))
            .ifPresent(pattern -> patterns.put(condition.substring(0, equals), pattern));
      }
    }
    return patterns;
  }
}
