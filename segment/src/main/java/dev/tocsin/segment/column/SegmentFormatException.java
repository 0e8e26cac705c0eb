package dev.tocsin.segment.column;

/** Stored bytes are no segment of a format this version reads. */
public final class SegmentFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SegmentFormatException(String message) {
    super(message);
  }

  public SegmentFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
