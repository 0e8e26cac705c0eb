package dev.tocsin.segment.summary;

/** Sums of what senders claim, which stop where 64 bits end. */
final class Saturated {
  private Saturated() {}

  /** Of two that are not negative. */
  static long plus(long sum, long more) {
    long total = sum + more;
    return total < 0 ? Long.MAX_VALUE : total;
  }
}
