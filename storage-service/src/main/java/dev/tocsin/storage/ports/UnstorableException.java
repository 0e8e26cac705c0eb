package dev.tocsin.storage.ports;

/** The database refused the data themselves: trying again would end the same way. */
public final class UnstorableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnstorableException(String message, Throwable cause) {
    super(message, cause);
  }
}
