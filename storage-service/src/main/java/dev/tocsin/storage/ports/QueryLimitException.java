package dev.tocsin.storage.ports;

/** A query asked for more than one query may: a sentence for the caller says what to narrow. */
public class QueryLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What ran out. */
  public enum Kind {
    /** The query would read or return too much. */
    TOO_MUCH,
    /** It took too long. */
    TIMEOUT,
    /** Too many queries are running or waiting. */
    BUSY,
    /** The caller gave it up. */
    CANCELLED
  }

  private final Kind kind;

  public QueryLimitException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
