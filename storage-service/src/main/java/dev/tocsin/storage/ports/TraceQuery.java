package dev.tocsin.storage.ports;

import java.util.Optional;

/**
 * Which traces are wanted: those with a span that meets the condition.
 *
 * @param range that span touches it: it began before the range's end and ended after its start
 * @param limit at most so many traces, the newest
 * @param after only traces after this place of the order
 */
public record TraceQuery(
    Condition<SpanCondition> condition, TimeRange range, int limit, Optional<TraceCursor> after) {}
