package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.index.TextSearch;
import dev.tocsin.segment.index.TextTokens;
import dev.tocsin.segment.index.Tokens;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.LogCondition;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Conditions on log records. */
final class LogConditions implements Conditions<LogCondition, LogSegment> {
  /** Words beyond these narrow little; the longest are the rarest. */
  private static final int WORDS_MAX = 6;

  private static final int SEVERITY_MAX = 24;

  @Override
  public Optional<String> service(LogCondition leaf) {
    return leaf instanceof LogCondition.Service service
        ? Optional.of(service.name())
        : Optional.empty();
  }

  @Override
  public Entries entries(LogCondition leaf) {
    if (leaf instanceof LogCondition.Service service) {
      return Entries.of(Tokens.SERVICE, service.name());
    }
    return leaf instanceof LogCondition.Attribute attribute
        ? SegmentFilter.entries(attribute.test())
        : Entries.UNKNOWN;
  }

  @Override
  public void addTo(SegmentFilter filter, LogCondition leaf) {
    if (leaf instanceof LogCondition.Trace trace) {
      filter.trace(trace.traceId());
    } else if (leaf instanceof LogCondition.Severity severity) {
      filter.and("(sev_mask & " + filter.next(mask(severity)) + "::int) <> 0");
    } else if (leaf instanceof LogCondition.Phrase phrase) {
      addWords(filter, TextTokens.sought(phrase.text()));
    } else if (leaf instanceof LogCondition.Contains contains) {
      addWords(filter, wholeWords(contains.text()));
    } else if (leaf instanceof LogCondition.Attribute attribute
        && attribute.test().scope() == AttributeScope.BODY) {
      addWords(filter, BodyField.words(attribute.test()));
    }
  }

  private static int mask(LogCondition.Severity severity) {
    // Under 0 is filed what has no number but may have a text, and numbers that OTLP does not know.
    int wanted = 1;
    for (int number = severity.min(); number <= Math.min(severity.max(), SEVERITY_MAX); number++) {
      wanted |= number > 0 ? 1 << number : 1;
    }
    return wanted;
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
    return TextTokens.sought(text.substring(from, to));
  }

  private static void addWords(SegmentFilter filter, Collection<String> words) {
    words.stream()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .limit(WORDS_MAX)
        .forEach(filter::word);
  }

  @Override
  public Need need(LogCondition leaf) {
    if (leaf instanceof LogCondition.Attribute body && body.test().scope() == AttributeScope.BODY) {
      return Need.of(Need.Part.ROWS, Need.Part.TEXTS);
    }
    if (leaf instanceof LogCondition.Attribute attribute) {
      return Conditions.need(attribute.test());
    }
    if (leaf instanceof LogCondition.Trace) {
      return Need.of(Need.Part.TRACES);
    }
    if (leaf instanceof LogCondition.Span) {
      return Need.of(Need.Part.TRACES, Need.Part.SPANS);
    }
    boolean text =
        leaf instanceof LogCondition.Phrase
            || leaf instanceof LogCondition.Contains
            || leaf instanceof LogCondition.Matches;
    return text ? Need.of(Need.Part.ROWS, Need.Part.TEXTS) : Need.of(Need.Part.ROWS);
  }

  @Override
  public RowFilter<LogSegment> filter(LogCondition leaf) {
    if (leaf instanceof LogCondition.Service service) {
      return RowFilter.rows((segment, row) -> segment.service(row).equals(service.name()));
    }
    if (leaf instanceof LogCondition.Severity severity) {
      return RowFilter.rows(
          (segment, row) -> {
            int number = segment.severity(row);
            return number >= severity.min() && number <= severity.max();
          });
    }
    if (leaf instanceof LogCondition.Trace trace) {
      return RowFilter.rows((segment, row) -> segment.traceId(row).equals(trace.traceId()));
    }
    if (leaf instanceof LogCondition.Span span) {
      return RowFilter.rows((segment, row) -> segment.spanId(row).equals(span.spanId()));
    }
    if (leaf instanceof LogCondition.Phrase phrase) {
      return texts(TextSearch.phrase(phrase.text()));
    }
    if (leaf instanceof LogCondition.Contains contains) {
      return texts(TextSearch.containing(contains.text()));
    }
    if (leaf instanceof LogCondition.Matches matches) {
      return (segment, rows, budget) ->
          segment.retainTexts(
              TextSearch.matching(RowFilter.checked(matches.pattern()::find, budget)), rows);
    }
    if (leaf instanceof LogCondition.Attribute body && body.test().scope() == AttributeScope.BODY) {
      AttributeTest test = body.test();
      return (segment, rows, budget) ->
          segment.retainBodies(
              RowFilter.checked(value -> BodyField.passes(test, value), budget), rows);
    }
    if (leaf instanceof LogCondition.Attribute attribute) {
      return Conditions.attribute(attribute.test());
    }
    throw new IllegalArgumentException("no test for " + leaf);
  }

  private static RowFilter<LogSegment> texts(TextSearch search) {
    return (segment, rows, budget) -> segment.retainTexts(search, rows);
  }
}
