package dev.tocsin.incident.domain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who is asked, in which order, after which waits. An incident keeps the policy it was opened with.
 *
 * @param steps from first to last; none when no channel is configured
 */
public record EscalationPolicy(List<Step> steps) {

  /**
   * Channels notified together.
   *
   * @param delay since the step before, or since the incident opened
   */
  public record Step(List<String> channels, Duration delay) {
    public Step {
      channels = List.copyOf(channels);
    }
  }

  public EscalationPolicy {
    steps = List.copyOf(steps);
  }

  /** One step a channel: the first at once, each next one after the timeout. */
  public static EscalationPolicy climbing(List<String> channels, Duration timeout) {
    List<Step> steps = new ArrayList<>();
    for (String channel : channels) {
      steps.add(new Step(List.of(channel), steps.isEmpty() ? Duration.ZERO : timeout));
    }
    return new EscalationPolicy(steps);
  }

  /** The step to take when that many have been taken. */
  Optional<Step> after(int taken) {
    return taken < steps.size() ? Optional.of(steps.get(taken)) : Optional.empty();
  }

  /** The channels of the first steps, each once, in order. */
  Set<String> channelsOfFirst(int taken) {
    Set<String> channels = new LinkedHashSet<>();
    steps.subList(0, Math.min(taken, steps.size())).forEach(s -> channels.addAll(s.channels()));
    return channels;
  }
}
