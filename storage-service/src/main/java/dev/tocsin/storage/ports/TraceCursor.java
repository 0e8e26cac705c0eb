package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;

/**
 * A place in the order of found traces: newest matching span first, then by id.
 *
 * @param nanos start of the trace's newest span that met the condition
 */
public record TraceCursor(long nanos, ByteString traceId) implements Comparable<TraceCursor> {
  @Override
  public int compareTo(TraceCursor other) {
    int newest = Long.compare(other.nanos, nanos);
    return newest != 0
        ? newest
        : ByteString.unsignedLexicographicalComparator().compare(traceId, other.traceId);
  }
}
