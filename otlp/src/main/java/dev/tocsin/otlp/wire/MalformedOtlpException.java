package dev.tocsin.otlp.wire;

/** The bytes are not the protobuf message they should be; nothing of them can be used. */
public final class MalformedOtlpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int position;
  private final boolean invalidText;

  /**
   * @param position index of the first byte that cannot be understood
   */
  public MalformedOtlpException(int position, String problem) {
    this(position, problem, false);
  }

  private MalformedOtlpException(int position, String problem, boolean invalidText) {
    // Senders cause it at will, so it carries no stack trace.
    super("byte " + position + ": " + problem, null, false, false);
    this.position = position;
    this.invalidText = invalidText;
  }

  /** A text that is no UTF-8, which {@link TextRepair} can mend. */
  static MalformedOtlpException ofText(int position, String message) {
    return new MalformedOtlpException(position, "a text of " + message + " that is no UTF-8", true);
  }

  /** Whether it is only a text that is no UTF-8: {@link TextRepair} can mend the request. */
  public boolean invalidText() {
    return invalidText;
  }

  /** Index of the first byte that cannot be understood. */
  public int position() {
    return position;
  }
}
