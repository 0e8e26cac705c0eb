package dev.tocsin.incident.domain;

import dev.tocsin.common.contract.AlertEvent;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * Something is wrong with the way from an alert to a person. It becomes an incident like any other,
 * under a fingerprint of its own, so that somebody is paged who can mend it.
 *
 * @param about what of the kind it is about; empty when there is one incident for the whole kind
 * @param id the same when the same alarm is raised again
 * @param since when it is so
 * @param summary a sentence: title of the incident
 * @param description what it means and what to do
 */
public record SelfAlarm(
    Kind kind, String about, String id, Instant since, String summary, String description) {
  /** What the fingerprints of all of them begin with; those of alerts are hexadecimal digits. */
  public static final String PREFIX = "tocsin-self/";

  private static final String GROUP = "tocsin-self";

  /** A closed set, used in fingerprints and as metric label. */
  public enum Kind {
    /** A record of the alerts' topic could not be used. */
    ALERT_PUT_ASIDE,
    /** Records of the alerts' topic are missing. */
    ALERTS_MISSING,
    /** A rule group with alerts in unresolved incidents is not heard of. */
    SOURCE_SILENT,
    /** Every channel of an incident's last step has refused its page for good. */
    PAGES_REFUSED;

    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** A record of the alerts' topic was put aside. */
  public static SelfAlarm alertPutAside(String place, Instant at, String reason) {
    return new SelfAlarm(
        Kind.ALERT_PUT_ASIDE,
        "",
        place + "/" + at.toEpochMilli(),
        at,
        "alert put aside: " + reason,
        "The record "
            + place
            + " could not be used. It may have been an alert nobody was paged "
            + "for: look at it on tocsin.dead-letter.");
  }

  /** Records are missing. */
  public static SelfAlarm alertsMissing(String what, String id, Instant at) {
    return new SelfAlarm(
        Kind.ALERTS_MISSING,
        "",
        id,
        at,
        "alerts missing: " + what,
        "Alerts among them have paged nobody, and ends among them are not known. What still fires "
            + "is stated again within minutes.");
  }

  /** Nothing is heard of a rule group any more. */
  public static SelfAlarm sourceSilent(String group, String source, Instant since) {
    String who = source.isEmpty() ? "" : " (" + source + ")";
    return new SelfAlarm(
        Kind.SOURCE_SILENT,
        group,
        group + "/" + since.toEpochMilli(),
        since,
        "source silent: rule group " + group + who,
        "No alert-service evaluates the group since "
            + since
            + ", or its evaluation fails: its "
            + "alerts neither begin nor end. Its incidents stay open.");
  }

  /**
   * Nobody was told of an incident.
   *
   * @param answers each channel with what it said last
   */
  public static SelfAlarm pagesRefused(Incident incident, String answers, Instant since) {
    return new SelfAlarm(
        Kind.PAGES_REFUSED,
        "",
        incident.id() + "/" + incident.stepsTaken(),
        since,
        "pages refused: incident " + incident.id() + ": " + answers,
        "The last step of incident "
            + incident.id()
            + " ("
            + incident.title()
            + ") has reached nobody: "
            + answers
            + ". See to the incident, and mend the channels.");
  }

  /** Of the one incident that is open about it. */
  public String fingerprint() {
    return fingerprint(kind, about);
  }

  public static String fingerprint(Kind kind, String about) {
    return PREFIX + kind.text() + (about.isEmpty() ? "" : "/" + about);
  }

  /** By which it is seen whether it was raised before. */
  public String eventId() {
    return PREFIX + kind.text() + "/" + id;
  }

  /** The alarm as an alert that fires. */
  public AlertEvent event() {
    String name = "tocsin_" + kind.name().toLowerCase(Locale.ROOT);
    Map<String, String> labels =
        about.isEmpty()
            ? Map.of("alertname", name, "severity", "critical")
            : Map.of("alertname", name, "severity", "critical", "rule_group", about);
    return new AlertEvent(
        AlertEvent.Status.FIRING,
        labels,
        Map.of("summary", summary, "description", description),
        since,
        since,
        since,
        "",
        fingerprint(),
        GROUP,
        name,
        "");
  }
}
