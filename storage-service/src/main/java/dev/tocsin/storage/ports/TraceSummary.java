package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * A trace in a line.
 *
 * @param rootService service of the span without a parent, or of the earliest one stored
 * @param startNanos start of the earliest span
 * @param durationNanos from there to the end of the last
 * @param services distinct, ascending
 */
public record TraceSummary(
    ByteString traceId,
    String rootService,
    String rootOperation,
    long startNanos,
    long durationNanos,
    int spanCount,
    int errorCount,
    List<String> services) {}
