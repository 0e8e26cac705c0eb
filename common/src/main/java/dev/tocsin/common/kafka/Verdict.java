package dev.tocsin.common.kafka;

import org.jspecify.annotations.Nullable;

/** What became of a record that was handed to a {@link Work}. */
public sealed interface Verdict {
  /** Staged; durable with the work's flush. */
  Taken TAKEN = new Taken();

  /** The whole record is put aside; the work has nothing of it, but counts it as handled. */
  static PutAside putAside(String reason, String detail) {
    return new PutAside(reason, detail, null);
  }

  /** Part of the record is put aside, the rest of it is taken. */
  static PutAside putAsideInPart(String reason, String detail, byte[] value) {
    return new PutAside(reason, detail, value);
  }

  /** See {@link #TAKEN}. */
  record Taken() implements Verdict {}

  /**
   * Goes to the dead letters before the offset moves past it.
   *
   * @param reason one word for the metric, such as {@code malformed}
   * @param detail a sentence for people
   * @param value what is put aside, in the shape of the topic; null when it is all of the record
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record PutAside(String reason, String detail, byte @Nullable [] value) implements Verdict {}
}
