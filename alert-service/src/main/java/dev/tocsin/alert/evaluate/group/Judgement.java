package dev.tocsin.alert.evaluate.group;

/**
 * How far the result of a rule is to be trusted now.
 *
 * @param mayBegin whether the rule is evaluated at all
 * @param mayEnd whether an alert that is not in its result is over
 * @param reason why not everything may be; empty when it may
 */
public record Judgement(boolean mayBegin, boolean mayEnd, String reason) {
  /** The window holds what the rule asks for. */
  public static final Judgement FULL = new Judgement(true, true, "");

  /** Something may be missing: what the rule finds counts, what it does not find says nothing. */
  public static Judgement guarded(String reason) {
    return new Judgement(true, false, reason);
  }

  /** Nothing can be said: the rule's alerts stay as they are. */
  public static Judgement held(String reason) {
    return new Judgement(false, false, reason);
  }

  boolean isFull() {
    return mayBegin && mayEnd;
  }
}
