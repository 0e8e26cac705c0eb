package dev.tocsin.storage.postgres;

import dev.tocsin.storage.AttributeTest;
import dev.tocsin.storage.LogCondition;
import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.SpanCondition;
import dev.tocsin.storage.segment.TextTokens;
import dev.tocsin.storage.segment.Tokens;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A condition made ready: a test for records, a filter for segments, the columns both need. */
final class LogMatcher {
  /** Words beyond these narrow little; the longest are the rarest. */
  private static final int WORDS_MAX = 6;

  private static final int SEVERITY_MAX = 24;

  private final LogCondition condition;
  private final LogRows.Need need;
  private final Test test;

  /** Passes or refuses a record. */
  private interface Test {
    boolean passes(LogRows rows, int row);
  }

  /**
   * @throws QueryLimitException when the condition is too large
   */
  LogMatcher(LogCondition condition) {
    if (condition.nodes() > SpanCondition.NODES_MAX) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "a condition of "
              + condition.nodes()
              + " parts (expected: at most "
              + SpanCondition.NODES_MAX
              + ")");
    }
    this.condition = condition;
    this.need = needOf(condition);
    this.test = compile(condition);
  }

  boolean matches(LogRows rows, int row) {
    return test.passes(rows, row);
  }

  LogRows.Need need() {
    return need;
  }

  SegmentFilter filter() {
    SegmentFilter filter = SegmentFilter.logs();
    addTo(filter, condition);
    return filter;
  }

  /** The service that every match is of, if that is known. */
  Optional<String> service() {
    return service(condition);
  }

  private static Optional<String> service(LogCondition condition) {
    if (condition instanceof LogCondition.Service service) {
      return Optional.of(service.name());
    }
    return condition instanceof LogCondition.All all
        ? all.parts().stream().map(LogMatcher::service).flatMap(Optional::stream).findFirst()
        : Optional.empty();
  }

  private static void addTo(SegmentFilter filter, LogCondition condition) {
    if (condition instanceof LogCondition.All all) {
      all.parts().forEach(part -> addTo(filter, part));
    } else if (condition instanceof LogCondition.Trace trace) {
      filter.trace(trace.traceId());
    } else if (condition instanceof LogCondition.Severity severity) {
      filter.and("(sev_mask & " + filter.next(mask(severity)) + "::int) <> 0");
    } else if (condition instanceof LogCondition.Phrase phrase) {
      addWords(filter, TextTokens.of(phrase.text()));
    } else if (condition instanceof LogCondition.Contains contains) {
      addWords(filter, wholeWords(contains.text()));
    }
    Entries entries = entries(condition);
    if (!entries.isUnknown()) {
      filter.any(entries);
    }
  }

  /** What a segment with a match has one of. */
  private static Entries entries(LogCondition condition) {
    if (condition instanceof LogCondition.Service service) {
      return Entries.of(Tokens.SERVICE, service.name());
    }
    if (condition instanceof LogCondition.Attribute attribute) {
      return SegmentFilter.entries(attribute.test());
    }
    return condition instanceof LogCondition.Any any
        ? Entries.anyOf(any.parts().stream().map(LogMatcher::entries).toList())
        : Entries.UNKNOWN;
  }

  private static int mask(LogCondition.Severity severity) {
    int wanted = 0;
    for (int number = severity.min(); number <= Math.min(severity.max(), SEVERITY_MAX); number++) {
      wanted |= number > 0 ? 1 << number : 1;
    }
    // Numbers that OTLP does not know are filed under 0.
    return severity.max() > SEVERITY_MAX ? wanted | 1 : wanted;
  }

  /** Of a text that may begin and end inside a word, the words between. */
  private static Collection<String> wholeWords(String text) {
    int from = 0;
    while (from < text.length() && Character.isLetterOrDigit(text.charAt(from))) {
      from++;
    }
    int to = text.length();
    while (to > from && Character.isLetterOrDigit(text.charAt(to - 1))) {
      to--;
    }
    return TextTokens.of(text.substring(from, to));
  }

  private static void addWords(SegmentFilter filter, Collection<String> words) {
    words.stream()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .limit(WORDS_MAX)
        .forEach(filter::word);
  }

  private static LogRows.Need needOf(LogCondition condition) {
    if (condition instanceof LogCondition.All all) {
      return all.parts().stream()
          .map(LogMatcher::needOf)
          .reduce(LogRows.Need.NONE, LogRows.Need::and);
    }
    if (condition instanceof LogCondition.Any any) {
      return any.parts().stream()
          .map(LogMatcher::needOf)
          .reduce(LogRows.Need.NONE, LogRows.Need::and);
    }
    if (condition instanceof LogCondition.Not not) {
      return needOf(not.part());
    }
    if (condition instanceof LogCondition.Attribute attribute) {
      return switch (attribute.test().scope()) {
        case RESOURCE, SCOPE -> LogRows.Need.NONE;
        default -> LogRows.Need.ATTRIBUTES;
      };
    }
    boolean text =
        condition instanceof LogCondition.Phrase
            || condition instanceof LogCondition.Contains
            || condition instanceof LogCondition.Matches;
    return text ? LogRows.Need.BODY : LogRows.Need.NONE;
  }

  private static Test compile(LogCondition condition) {
    if (condition instanceof LogCondition.All all) {
      Test[] parts = parts(all.parts());
      return (rows, row) -> {
        for (Test part : parts) {
          if (!part.passes(rows, row)) {
            return false;
          }
        }
        return true;
      };
    }
    if (condition instanceof LogCondition.Any any) {
      Test[] parts = parts(any.parts());
      return (rows, row) -> {
        for (Test part : parts) {
          if (part.passes(rows, row)) {
            return true;
          }
        }
        return false;
      };
    }
    if (condition instanceof LogCondition.Not not) {
      Test part = compile(not.part());
      return (rows, row) -> !part.passes(rows, row);
    }
    return leaf(condition);
  }

  /** Tests of what is decoded anyway come first, regular expressions last. */
  private static Test[] parts(List<LogCondition> parts) {
    List<LogCondition> sorted = new ArrayList<>(parts);
    sorted.sort(
        Comparator.comparingInt(
            part ->
                part instanceof LogCondition.Matches
                    ? 4
                    : (needOf(part).attributes() ? 2 : 0) + (needOf(part).body() ? 1 : 0)));
    return sorted.stream().map(LogMatcher::compile).toArray(Test[]::new);
  }

  private static Test leaf(LogCondition condition) {
    if (condition instanceof LogCondition.Service service) {
      return (rows, row) -> rows.service(row).equals(service.name());
    }
    if (condition instanceof LogCondition.Severity severity) {
      return (rows, row) ->
          rows.severity(row) >= severity.min() && rows.severity(row) <= severity.max();
    }
    if (condition instanceof LogCondition.Trace trace) {
      return (rows, row) -> rows.traceId(row).equals(trace.traceId());
    }
    if (condition instanceof LogCondition.Span span) {
      return (rows, row) -> rows.spanId(row).equals(span.spanId());
    }
    if (condition instanceof LogCondition.Phrase phrase) {
      return (rows, row) -> TextTokens.contains(rows.text(row), phrase.text());
    }
    if (condition instanceof LogCondition.Contains contains) {
      return (rows, row) -> rows.text(row).contains(contains.text());
    }
    if (condition instanceof LogCondition.Matches matches) {
      return (rows, row) -> matches.pattern().find(rows.text(row));
    }
    if (condition instanceof LogCondition.Attribute attribute) {
      return attribute(attribute.test());
    }
    throw new IllegalArgumentException("no test for " + condition);
  }

  private static Test attribute(AttributeTest test) {
    Test exact = exactly(test);
    return test.equalsText()
        ? (rows, row) -> rows.mayEqual(test, row) && exact.passes(rows, row)
        : exact;
  }

  private static Test exactly(AttributeTest test) {
    return switch (test.scope()) {
      case ITEM -> (rows, row) -> any(test, rows.attributes(row));
      case RESOURCE -> (rows, row) -> any(test, rows.resourceAttributes(row));
      case SCOPE -> (rows, row) -> any(test, rows.scopeAttributes(row));
      case EVENT, LINK -> (rows, row) -> false;
      case ITEM_OR_RESOURCE ->
          (rows, row) -> any(test, rows.attributes(row)) || any(test, rows.resourceAttributes(row));
      case ANY ->
          (rows, row) ->
              any(test, rows.attributes(row))
                  || any(test, rows.resourceAttributes(row))
                  || any(test, rows.scopeAttributes(row));
    };
  }

  private static boolean any(AttributeTest test, List<KeyValue> attributes) {
    for (KeyValue pair : attributes) {
      if (pair.getKey().equals(test.key()) && test.test(pair.getValue())) {
        return true;
      }
    }
    return false;
  }
}
