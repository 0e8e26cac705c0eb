package dev.tocsin.app.bench;

/**
 * A value of a batch that differs from request to request.
 *
 * @param kind what goes there
 * @param argument of an id: its number within the batch; of a time: nanoseconds added to the
 *     request's
 */
record Placeholder(Kind kind, long argument) {
  enum Kind {
    /** 16 bytes; 32 hexadecimal digits in JSON. */
    TRACE_ID,
    /** 8 bytes; 16 hexadecimal digits in JSON. */
    SPAN_ID,
    /** Nanoseconds since 1970, fixed64; 19 decimal digits in JSON. */
    TIME
  }
}
