package dev.tocsin.storage.ports;

import java.util.List;
import java.util.TreeSet;

/**
 * What one database has of a trace.
 *
 * @param summary of those spans
 * @param rooted whether the summary's root is a span without a parent, else it is the earliest
 * @param rootNanos start of the summary's root
 * @param newestMatchNanos start of the newest span that met the query; {@link Long#MIN_VALUE} when
 *     none did, or when the query is for a first page, which need not know
 */
public record TracePiece(
    TraceSummary summary, boolean rooted, long rootNanos, long newestMatchNanos) {

  /** Of two databases that have different spans of one trace. */
  public TracePiece and(TracePiece other) {
    TracePiece root = hasBetterRoot(other) ? other : this;
    TraceSummary mine = summary;
    TraceSummary others = other.summary;
    long start = Math.min(mine.startNanos(), others.startNanos());
    long end =
        Math.max(
            mine.startNanos() + mine.durationNanos(), others.startNanos() + others.durationNanos());
    TreeSet<String> services = new TreeSet<>(mine.services());
    services.addAll(others.services());
    List<String> fitting = TraceSummary.fitting(services);
    return new TracePiece(
        new TraceSummary(
            mine.traceId(),
            root.summary.rootService(),
            root.summary.rootOperation(),
            start,
            end - start,
            mine.spanCount() + others.spanCount(),
            mine.errorCount() + others.errorCount(),
            fitting,
            mine.partial() || others.partial(),
            mine.truncated() || others.truncated() || fitting.size() < services.size()),
        root.rooted,
        root.rootNanos,
        Math.max(newestMatchNanos, other.newestMatchNanos));
  }

  private boolean hasBetterRoot(TracePiece other) {
    return rooted == other.rooted ? other.rootNanos < rootNanos : other.rooted;
  }
}
