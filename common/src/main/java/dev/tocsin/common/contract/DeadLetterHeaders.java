package dev.tocsin.common.contract;

/**
 * Headers of {@link Topic#DEAD_LETTER}, texts in UTF-8; the record's own headers stay beside them.
 */
public final class DeadLetterHeaders {
  public static final String TOPIC = "tocsin.topic";
  public static final String PARTITION = "tocsin.partition";
  public static final String OFFSET = "tocsin.offset";
  public static final String REASON = "tocsin.reason";

  /** There when the letter does not hold the whole record: how many bytes its value had. */
  public static final String CUT = "tocsin.cut";

  /** Who put the record aside, as {@code storage}; others may have used it well. */
  public static final String CONSUMER = "tocsin.consumer";

  /** There when the letter is the whole record though its consumer stored part of it. */
  public static final String PARTLY_STORED = "tocsin.partly-stored";

  /** On a record that was put back into its topic: for whom alone. */
  public static final String REPLAY_FOR = "tocsin.replay-for";

  private DeadLetterHeaders() {}
}
