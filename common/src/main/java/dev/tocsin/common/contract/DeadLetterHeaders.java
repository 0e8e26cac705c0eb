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

  private DeadLetterHeaders() {}
}
