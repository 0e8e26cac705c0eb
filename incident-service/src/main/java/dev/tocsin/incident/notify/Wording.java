package dev.tocsin.incident.notify;

import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.ports.Message;

/** Sentences the notifiers share, so that all channels say the same. */
public final class Wording {
  private Wording() {}

  /** What happened, such as {@code Escalated to step 2}. */
  public static String headline(Message message) {
    return switch (message.transition()) {
      case TRIGGERED -> "Triggered";
      case ESCALATED -> "Escalated to step " + message.step();
      case ACKNOWLEDGED -> "Acknowledged by " + message.actor();
      case RESOLVED ->
          message.actor().equals("alert")
              ? "Resolved: the alert has ended"
              : "Resolved by " + message.actor();
    };
  }

  /** {@code [INC-42] title}: the same for all messages of the incident. */
  public static String subject(Incident incident) {
    return "[INC-" + incident.id() + "] " + incident.title();
  }

  /** Cut to so many characters, never through a surrogate pair. */
  public static String cut(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    int end = charsMax - 1;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + "…";
  }
}
