package dev.tocsin.incident.ports;

import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Transition;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once, after the commit, what happened to an incident: one log line and one count each. */
public final class Lifecycle {
  private static final Logger log = LoggerFactory.getLogger("dev.tocsin.incident");

  private final MeterRegistry metrics;

  public Lifecycle(MeterRegistry metrics) {
    this.metrics = metrics;
    for (Transition transition : Transition.values()) {
      count(transition, 0);
    }
  }

  /** To be called with every committed change. */
  public void committed(IncidentStore.Change change) {
    Incident incident = change.incident();
    if (incident == null) {
      return;
    }
    for (Transition transition : change.transitions()) {
      count(transition, 1);
      log.info(
          "incident {} {} (step {} of {}): {} [{}] fingerprint {}",
          incident.id(),
          transition.text(),
          incident.stepsTaken(),
          incident.policy().steps().size(),
          incident.title(),
          incident.severity(),
          incident.fingerprint());
    }
  }

  private void count(Transition transition, int amount) {
    metrics.counter("tocsin.incidents", "transition", transition.text()).increment(amount);
  }
}
