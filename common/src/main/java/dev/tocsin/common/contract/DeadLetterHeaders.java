package dev.tocsin.common.contract;

/**
 * Headers of {@link Topic#DEAD_LETTER}, texts in UTF-8; the record's own headers stay beside them.
 */
public final class DeadLetterHeaders {
  public static final String TOPIC = "tocsin.topic";
  public static final String PARTITION = "tocsin.partition";
  public static final String OFFSET = "tocsin.offset";
  public static final String REASON = "tocsin.reason";

  private DeadLetterHeaders() {}
}
