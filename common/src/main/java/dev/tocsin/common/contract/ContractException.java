package dev.tocsin.common.contract;

import org.jspecify.annotations.Nullable;

/** A record does not hold what its topic promises; it belongs into the dead letters. */
public final class ContractException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ContractException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
