package dev.tocsin.storage.ports;

import java.util.List;
import java.util.Optional;

/**
 * @param partial whether there may be more traces than those, as spans that began long before the
 *     range were not all looked at
 * @param next where to go on; empty when there are no more
 */
public record TracePage(List<TraceSummary> traces, boolean partial, Optional<TraceCursor> next) {}
