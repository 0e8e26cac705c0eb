package dev.tocsin.incident.domain;

import java.util.Locale;

/** Where an incident stands. It only moves forward; an alert that fires again is a new incident. */
public enum Status {
  TRIGGERED,
  ACKNOWLEDGED,
  RESOLVED;

  /** As it is stored and shown. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Status of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
