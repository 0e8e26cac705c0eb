package dev.tocsin.app.conformance.check;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How a case ended. */
public sealed interface Outcome {
  record Passed() implements Outcome {}

  /**
   * @param sent what was sent, in words
   * @param came what came back, in words
   * @param expected what should have come
   * @param reproduce a command line that shows it, where there is one
   */
  record Failed(String sent, String came, String expected, @Nullable String reproduce)
      implements Outcome {}

  /**
   * @param reason why the case does not apply to this receiver or this run
   */
  record Skipped(String reason) implements Outcome {}

  /** Goes on only after success. */
  default Outcome and(Supplier<Outcome> next) {
    return this instanceof Passed ? next.get() : this;
  }

  static Outcome passed() {
    return new Passed();
  }

  static Outcome skipped(String reason) {
    return new Skipped(reason);
  }
}
