package dev.tocsin.otlp.wire;

/** The bytes are not the protobuf message they should be; nothing of them can be used. */
public final class MalformedOtlpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int position;

  /**
   * @param position index of the first byte that cannot be understood
   */
  public MalformedOtlpException(int position, String problem) {
    // Senders cause it at will, so it carries no stack trace.
    super("byte " + position + ": " + problem, null, false, false);
    this.position = position;
  }

  /** Index of the first byte that cannot be understood. */
  public int position() {
    return position;
  }
}
