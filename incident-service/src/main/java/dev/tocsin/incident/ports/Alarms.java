package dev.tocsin.incident.ports;

import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.ports.IncidentStore.Change;
import io.vertx.core.Future;
import java.util.List;

/** Alarms about paging itself. They are incidents, and page like those of alerts. */
public interface Alarms {

  /**
   * What was found.
   *
   * @param open a sentence for each alarm whose incident is unresolved, at most 50
   * @param silentGroups rule groups of unresolved incidents that are not heard of
   * @param unreached a sentence for each triggered incident whose last step was refused by every
   *     channel, with their answers, at most 50
   */
  record Watched(
      List<Change> changes, List<String> open, int silentGroups, List<String> unreached) {}

  /** Opens an incident, or notes the alarm in the one that is open; nothing when it was before. */
  Future<Change> raise(SelfAlarm alarm);

  /**
   * Looks whether alerts of unresolved incidents are still heard of, marks those that are not, and
   * raises and ends the alarms about their rule groups; the same for incidents that have reached
   * nobody. To be repeated; any instance may.
   */
  Future<Watched> watch();
}
