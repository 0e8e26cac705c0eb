package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.T0;

import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Status;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import java.util.List;
import java.util.Map;

/** Messages to test notifiers with. */
public final class Messages {
  private Messages() {}

  public static Message of(Transition transition) {
    return of(transition, "5 % of <checkout> & more fail", Map.of("service", "checkout"));
  }

  public static Message of(Transition transition, String title, Map<String, String> labels) {
    Incident.Alert alert =
        new Incident.Alert(
            "default/red",
            "high_error_rate",
            labels,
            Map.of("description", "more than <5 %> fail"),
            "0.07",
            "https://tocsin.example.com/rules",
            T0);
    Incident incident =
        new Incident(
            42,
            "tocsin/f/1",
            "f",
            title,
            "critical",
            Status.TRIGGERED,
            1,
            1,
            new EscalationPolicy(List.of()),
            alert,
            T0,
            null,
            null,
            null,
            null);
    String target = "oncall@example.com";
    return new Message(7, incident, target, transition, 2, "Ada <x>", "see & wait", T0);
  }
}
