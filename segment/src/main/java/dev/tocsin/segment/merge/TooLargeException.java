package dev.tocsin.segment.merge;

/** What was to be merged takes more memory than a merge may have. */
public final class TooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TooLargeException(long bytesMax) {
    super("segments of more than " + bytesMax + " bytes together", null, false, false);
  }
}
