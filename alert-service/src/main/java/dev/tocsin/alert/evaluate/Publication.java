package dev.tocsin.alert.evaluate;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import java.util.ArrayList;
import java.util.List;

/** What one tick tells the world; it becomes visible as a whole or not at all. */
public final class Publication {
  private final List<AlertEvent> events = new ArrayList<>();
  private final List<AlertStateRecord> states = new ArrayList<>();
  private final List<String> forgottenStates = new ArrayList<>();
  private final List<GaugeSample> samples = new ArrayList<>();

  public List<AlertEvent> events() {
    return events;
  }

  public List<AlertStateRecord> states() {
    return states;
  }

  /** Keys of states to be deleted. */
  public List<String> forgottenStates() {
    return forgottenStates;
  }

  public List<GaugeSample> samples() {
    return samples;
  }

  void add(Publication more) {
    events.addAll(more.events);
    states.addAll(more.states);
    forgottenStates.addAll(more.forgottenStates);
    samples.addAll(more.samples);
  }

  public boolean isEmpty() {
    return events.isEmpty() && states.isEmpty() && forgottenStates.isEmpty() && samples.isEmpty();
  }
}
