package dev.tocsin.incident.domain;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.incident.domain.Effect.ArmTimer;
import dev.tocsin.incident.domain.Effect.Note;
import dev.tocsin.incident.domain.Effect.Notify;
import dev.tocsin.incident.domain.Effect.Publish;
import dev.tocsin.incident.domain.Effect.Restate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of incidents and the walk up the escalation policy. Pure: what happens is told
 * as effects. A decision notifies the channels of at most one step.
 */
public final class Escalation {
  /** Actor of what an alert caused. */
  public static final String ALERT = "alert";

  /** Actor of what a timer caused. */
  public static final String TIMER = "timer";

  private static final int TITLE_CHARS_MAX = 200;

  private Escalation() {}

  /** An alert event that was not seen before, of which nobody will say whether it goes on. */
  public static Decision alert(
      @Nullable Incident open, AlertEvent event, EscalationPolicy policy, Instant now) {
    return alert(open, event, null, policy, now);
  }

  /**
   * An alert event that was not seen before.
   *
   * @param open the unresolved incident of the same fingerprint, if there is one
   * @param statement of the event, as far as it is known how long it holds
   */
  public static Decision alert(
      @Nullable Incident open,
      AlertEvent event,
      @Nullable Statement statement,
      EscalationPolicy policy,
      Instant now) {
    return switch (event.status()) {
      case FIRING ->
          open == null ? opened(event, statement, policy, now) : firing(open, event, statement);
      case RESOLVED ->
          // A resolution of an earlier firing came late: the incident is about a newer one.
          open == null || event.startsAt().isBefore(open.alert().startsAt())
              ? Decision.nothing(open)
              : resolve(open, ALERT, "", now);
    };
  }

  /** An alert event that was seen before: it still holds. */
  public static Decision repeated(
      @Nullable Incident open, AlertEvent event, @Nullable Statement statement) {
    return open != null && event.status() == AlertEvent.Status.FIRING
        ? firing(open, event, statement)
        : Decision.nothing(open);
  }

  /** One more of the kind of alarm that {@link SelfAlarm} is about, while one is open or not. */
  public static Decision alarm(
      @Nullable Incident open, AlertEvent event, EscalationPolicy policy, Instant now) {
    return open == null
        ? opened(event, null, policy, now)
        : new Decision(open, List.of(new Note("again", ALERT, title(event))));
  }

  private static Decision opened(
      AlertEvent event, @Nullable Statement statement, EscalationPolicy policy, Instant now) {
    Incident incident =
        new Incident(
            0,
            "tocsin/" + event.fingerprint() + "/" + event.startsAt().toEpochMilli(),
            event.fingerprint(),
            title(event),
            event.labels().getOrDefault("severity", ""),
            Status.TRIGGERED,
            0,
            0,
            policy,
            facts(event),
            now,
            null,
            null,
            statement,
            null);
    List<Effect> effects = new ArrayList<>();
    effects.add(new Note(Transition.TRIGGERED.text(), ALERT, incident.title()));
    effects.add(new Publish(Transition.TRIGGERED, ALERT));
    boolean atOnce = policy.after(0).filter(step -> step.delay().isZero()).isPresent();
    return atOnce ? step(incident, now, effects) : armed(incident, now, effects);
  }

  /**
   * Whichever firing it is about, the alert fires: one that began earlier may come of a clock that
   * is behind.
   */
  private static Decision firing(Incident open, AlertEvent event, @Nullable Statement statement) {
    List<Effect> effects = new ArrayList<>();
    Incident next = open;
    if (event.startsAt().isAfter(open.alert().startsAt())) {
      String text = "fired again; the end of the firing before was not heard of";
      effects.add(new Note("fired-again", ALERT, text));
      next = next.restated(facts(event));
    }
    // Read again after records were lost, an earlier firing says nothing of how long this one
    // holds.
    boolean isOld = open.statement() == null && event.startsAt().isBefore(open.alert().startsAt());
    if (statement != null && !isOld) {
      next = next.repeated(statement);
      effects.add(new Restate());
      if (open.silentSince() != null) {
        effects.add(new Note(SourceLife.SPEAKS, ALERT, "the source says that the alert fires"));
      }
    }
    return new Decision(next, effects);
  }

  /** A timer armed under that generation went off. */
  public static Decision timer(Incident incident, int generation, Instant now) {
    boolean late = generation != incident.generation() || incident.status() != Status.TRIGGERED;
    return late ? Decision.nothing(incident) : step(incident, now, new ArrayList<>());
  }

  private static Decision step(Incident incident, Instant now, List<Effect> effects) {
    EscalationPolicy.Step step = incident.policy().after(incident.stepsTaken()).orElse(null);
    if (step == null) {
      return new Decision(incident, effects);
    }
    int number = incident.stepsTaken() + 1;
    boolean first = number == 1;
    Transition transition = first ? Transition.TRIGGERED : Transition.ESCALATED;
    if (!first) {
      String text = "step " + number + ": " + String.join(", ", step.channels());
      effects.add(new Note(transition.text(), TIMER, text));
      effects.add(new Publish(transition, TIMER));
    }
    for (String channel : step.channels()) {
      effects.add(new Notify(channel, transition, number, first ? ALERT : TIMER, ""));
    }
    return armed(incident.stepTaken(), now, effects);
  }

  private static Decision armed(Incident incident, Instant now, List<Effect> effects) {
    incident
        .policy()
        .after(incident.stepsTaken())
        .ifPresent(
            next -> effects.add(new ArmTimer(incident.generation(), now.plus(next.delay()))));
    return new Decision(incident, effects);
  }

  /** Stops the climb. Changes nothing unless the incident is triggered. */
  public static Decision acknowledge(Incident incident, String by, String comment, Instant now) {
    if (incident.status() != Status.TRIGGERED) {
      return Decision.nothing(incident);
    }
    Incident next = incident.acknowledgedBy(new Incident.Mark(now, by));
    return new Decision(next, told(next, Transition.ACKNOWLEDGED, by, comment));
  }

  /** Ends the incident. Changes nothing when it has ended. */
  public static Decision resolve(Incident incident, String by, String comment, Instant now) {
    if (incident.status() == Status.RESOLVED) {
      return Decision.nothing(incident);
    }
    Incident next = incident.resolvedBy(new Incident.Mark(now, by));
    return new Decision(next, told(next, Transition.RESOLVED, by, comment));
  }

  private static List<Effect> told(
      Incident incident, Transition transition, String by, String comment) {
    List<Effect> effects = new ArrayList<>();
    effects.add(new Note(transition.text(), by, comment));
    effects.add(new Publish(transition, by));
    for (String channel : incident.policy().channelsOfFirst(incident.stepsTaken())) {
      effects.add(new Notify(channel, transition, 0, by, comment));
    }
    return effects;
  }

  private static Incident.Alert facts(AlertEvent event) {
    return new Incident.Alert(
        event.ruleGroup(),
        event.rule(),
        event.labels(),
        event.annotations(),
        event.value(),
        event.generatorUrl(),
        event.startsAt());
  }

  /** The summary its author wrote, else the rule's name, with the service in front of it. */
  private static String title(AlertEvent event) {
    Map<String, String> labels = event.labels();
    String service =
        labels.getOrDefault("service", labels.getOrDefault("service_name", labels.get("job")));
    String name = labels.getOrDefault("alertname", event.rule());
    String summary = event.annotations().getOrDefault("summary", "");
    String text = summary.isBlank() ? (service == null ? name : name + ": " + service) : summary;
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= TITLE_CHARS_MAX ? line : line.substring(0, TITLE_CHARS_MAX - 1) + "…";
  }
}
