package dev.tocsin.ingest.body;

/** Memory a request may take; asked before it is taken. */
@FunctionalInterface
public interface Allowance {

  /** Nothing but the limits of the request itself. */
  Allowance UNLIMITED = bytes -> true;

  /** Whether so many bytes more are granted; a refusal takes nothing. */
  boolean grow(long bytes);

  /** Gives back a part of what was granted. */
  default void shrink(long bytes) {}
}
