package dev.tocsin.app.conformance.check;

/** How much a case weighs. */
public enum Level {
  /** The specification demands it. */
  MUST,
  /** The specification recommends it. */
  SHOULD,
  /** Not in the specification; what clients and operators rely on all the same. */
  EXPECTED
}
