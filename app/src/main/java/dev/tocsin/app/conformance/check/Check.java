package dev.tocsin.app.conformance.check;

/** What a case does: sends through the session, judges what comes. Blocks; always returns. */
@FunctionalInterface
public interface Check {
  CaseOutcome run(Session session, SignalLane lane);
}
