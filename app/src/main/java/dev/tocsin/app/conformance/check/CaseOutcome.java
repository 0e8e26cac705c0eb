package dev.tocsin.app.conformance.check;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How a case ended. */
public sealed interface CaseOutcome {
  record Passed() implements CaseOutcome {}

  /**
   * @param sent what was sent, in words
   * @param came what came back, in words
   * @param expected what should have come
   * @param reproduce a command line that shows it, where there is one
   */
  record Failed(String sent, String came, String expected, @Nullable String reproduce)
      implements CaseOutcome {}

  /**
   * @param reason why the case does not apply to this receiver or this run
   */
  record Skipped(String reason) implements CaseOutcome {}

  /** Goes on only after success. */
  default CaseOutcome and(Supplier<CaseOutcome> next) {
    return this instanceof Passed ? next.get() : this;
  }

  static CaseOutcome passed() {
    return new Passed();
  }

  static CaseOutcome skipped(String reason) {
    return new Skipped(reason);
  }
}
