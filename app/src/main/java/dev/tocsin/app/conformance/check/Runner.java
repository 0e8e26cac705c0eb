package dev.tocsin.app.conformance.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs cases one after the other. A case that does not apply is skipped with its reason. */
public final class Runner {
  private final Session session;
  private final Consumer<Result> listener;
  private final Map<SignalLane, Boolean> lacking = new HashMap<>();

  /**
   * @param listener told of each result when it is there
   */
  public Runner(Session session, Consumer<Result> listener) {
    this.session = session;
    this.listener = listener;
  }

  public List<Result> run(List<ConformanceCase> cases) {
    List<Result> results = new ArrayList<>();
    for (ConformanceCase one : cases) {
      long began = System.nanoTime();
      CaseOutcome outcome = outcome(one);
      Result result = new Result(one, outcome, (System.nanoTime() - began) / 1_000_000);
      results.add(result);
      listener.accept(result);
    }
    return results;
  }

  private CaseOutcome outcome(ConformanceCase one) {
    if (!session.reaches(one.lane())) {
      return CaseOutcome.skipped("no address was given for " + one.lane().wire().label());
    }
    if (one.lane().signal() == Telemetry.PROFILES
        && lacking.computeIfAbsent(one.lane(), session::lacks)) {
      return CaseOutcome.skipped("the receiver does not take profiles, as it may");
    }
    try {
      return one.check().run(session, one.lane());
    } catch (RuntimeException e) {
      return new CaseOutcome.Failed("-", "-", "no defect of this suite: " + e, null);
    }
  }
}
