package dev.tocsin.common.contract;

/** A record does not hold what its topic promises; it belongs into the dead letters. */
public final class ContractException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ContractException(String message, Throwable cause) {
    super(message, cause);
  }
}
