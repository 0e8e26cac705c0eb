package dev.tocsin.storage.query;

import dev.tocsin.storage.ports.QueryLimitException;

/** What a query holds at once is more than one query may: with less at a time it may do. */
public final class QueryMemoryException extends QueryLimitException {
  private static final long serialVersionUID = 1L;

  QueryMemoryException(long bytesMax) {
    super(
        Kind.TOO_MUCH,
        "the query needs more than "
            + bytesMax
            + " bytes of memory (expected: a shorter time range or a narrower filter)");
  }
}
