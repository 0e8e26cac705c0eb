package dev.tocsin.storage.summary;

import dev.tocsin.storage.segment.EncodedSpans;
import dev.tocsin.storage.segment.Hashes;

/** The id by which tables name an operation; part of what is stored. */
public final class OperationId {
  private OperationId() {}

  public static long of(EncodedSpans.Operation operation) {
    return Hashes.of(
        operation.service() + '\u0001' + operation.name() + '\u0001' + operation.kind());
  }
}
