package dev.tocsin.storage.ports;

/**
 * A place in the order of found log records.
 *
 * @param nanos time of the last record seen
 * @param seen how many records of just that time were seen
 */
public record LogCursor(long nanos, int seen) {}
