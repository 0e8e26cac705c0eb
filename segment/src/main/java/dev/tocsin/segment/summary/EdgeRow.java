package dev.tocsin.segment.summary;

/**
 * Calls from one service to another.
 *
 * @param connectionType empty for a call, else as in {@code service_edge}
 * @param serverNanos 0 when the server sends no spans
 */
public record EdgeRow(
    String client,
    String server,
    String connectionType,
    int calls,
    int failed,
    long clientNanos,
    long serverNanos) {}
