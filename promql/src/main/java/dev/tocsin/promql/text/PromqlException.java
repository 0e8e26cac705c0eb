package dev.tocsin.promql.text;

import dev.tocsin.promql.engine.EngineOptions;

/** Why a query was not answered, in Prometheus's own words. */
public final class PromqlException extends RuntimeException {
  /** What went wrong, for callers that map it to an HTTP status or a metric label. */
  public enum Kind {
    /** The text is no query; {@link #position()} tells where. */
    PARSE,
    /** The query is sound, the data is not: duplicate series, bad arguments. */
    EXECUTION,
    /** It ran longer than {@link EngineOptions#timeout()}. */
    TIMEOUT,
    /** The caller cancelled it. */
    CANCELED,
    /** It needs more samples, steps or series than allowed. */
    LIMIT
  }

  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final int position;

  public PromqlException(Kind kind, String message) {
    this(kind, -1, message);
  }

  public PromqlException(Kind kind, int position, String message) {
    super(message);
    this.kind = kind;
    this.position = position;
  }

  public PromqlException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.position = -1;
  }

  public static PromqlException execution(String message) {
    return new PromqlException(Kind.EXECUTION, message);
  }

  public Kind kind() {
    return kind;
  }

  /**
   * Offset of the first offending character (UTF-16 units from 0), or -1 when the error has no
   * place.
   */
  public int position() {
    return position;
  }
}
