package dev.tocsin.incident.domain;

import java.util.Locale;

/** What happened to an incident: the reason of every notification and every published event. */
public enum Transition {
  TRIGGERED,
  ESCALATED,
  ACKNOWLEDGED,
  RESOLVED;

  /** Whether it asks somebody to act; the others tell those who were asked. */
  public boolean page() {
    return this == TRIGGERED || this == ESCALATED;
  }

  /** The incident's status after it. */
  public Status status() {
    return switch (this) {
      case TRIGGERED, ESCALATED -> Status.TRIGGERED;
      case ACKNOWLEDGED -> Status.ACKNOWLEDGED;
      case RESOLVED -> Status.RESOLVED;
    };
  }

  /** As it is stored and shown. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Transition of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
