package dev.tocsin.segment.summary;

import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.span.EncodedSpans;

/** The id by which tables name an operation; part of what is stored. */
public final class OperationId {
  private OperationId() {}

  public static long of(EncodedSpans.Operation operation) {
    return Hashes.of(
        operation.service() + '\u0001' + operation.name() + '\u0001' + operation.kind());
  }
}
