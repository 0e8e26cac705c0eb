package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.AlertInstance.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The alert state machine of Prometheus (rules/alerting.go) as a pure function of the states
 * before, the rule's result and the time.
 */
public final class AlertStates {
  private AlertStates() {}

  /**
   * What one evaluation leads to.
   *
   * @param states by fingerprint, resolved ones that are still remembered included
   * @param due the instances an event is to be published about, already marked as sent
   * @param error why the rule is unhealthy; empty when it is healthy
   */
  public record Outcome(Map<String, AlertInstance> states, List<AlertInstance> due, String error) {}

  /**
   * @param previous states by fingerprint; not changed
   */
  public static Outcome step(
      AlertPolicy policy, Map<String, AlertInstance> previous, List<Candidate> result, Instant at) {
    Map<String, AlertInstance> next = new LinkedHashMap<>();
    Map<String, Candidate> current = new LinkedHashMap<>();
    for (Candidate candidate : result) {
      AlertInstance fresh = AlertInstance.pending(candidate, at);
      if (current.put(fresh.fingerprint(), candidate) != null) {
        return new Outcome(
            previous,
            List.of(),
            "vector contains metrics with the same labelset after applying alert labels: "
                + candidate.labels());
      }
    }
    previous.forEach(
        (fingerprint, instance) -> {
          AlertInstance moved = move(policy, instance, current.get(fingerprint), at);
          if (moved != null) {
            next.put(fingerprint, moved);
          }
        });
    current.forEach(
        (fingerprint, candidate) ->
            next.computeIfAbsent(
                fingerprint, f -> fire(policy, AlertInstance.pending(candidate, at), at)));
    long active = next.values().stream().filter(a -> a.state() != State.INACTIVE).count();
    if (policy.limit() > 0 && active > policy.limit()) {
      return new Outcome(
          Map.of(),
          List.of(),
          "exceeded limit of " + policy.limit() + " with " + active + " alerts");
    }
    List<AlertInstance> due = new ArrayList<>();
    next.replaceAll(
        (fingerprint, instance) -> {
          if (!needsSending(policy, instance, at)) {
            return instance;
          }
          AlertInstance sent = instance.sent(at);
          due.add(sent);
          return sent;
        });
    return new Outcome(next, due, "");
  }

  /** Null when the instance is to be forgotten. */
  private static @Nullable AlertInstance move(
      AlertPolicy policy, AlertInstance instance, @Nullable Candidate candidate, Instant at) {
    if (candidate != null) {
      AlertInstance present =
          instance.state() == State.INACTIVE
              ? AlertInstance.pending(candidate, at)
              : instance.refreshed(candidate);
      return fire(policy, present, at);
    }
    return switch (instance.state()) {
      case PENDING -> null;
      case INACTIVE -> {
        Instant resolvedAt = instance.resolvedAt();
        boolean over =
            resolvedAt == null
                || Duration.between(resolvedAt, at).compareTo(policy.resolvedRetention()) > 0;
        yield over ? null : instance;
      }
      case FIRING -> keepOrResolve(policy, instance, at);
    };
  }

  private static AlertInstance keepOrResolve(
      AlertPolicy policy, AlertInstance instance, Instant at) {
    if (policy.keepFiringFor().isZero()) {
      return instance.resolved(at);
    }
    Instant since = instance.keepFiringSince() == null ? at : instance.keepFiringSince();
    boolean keep = Duration.between(since, at).compareTo(policy.keepFiringFor()) < 0;
    return keep ? instance.kept(since) : instance.kept(since).resolved(at);
  }

  private static AlertInstance fire(AlertPolicy policy, AlertInstance instance, Instant at) {
    boolean held = Duration.between(instance.activeAt(), at).compareTo(policy.holdFor()) >= 0;
    if (instance.state() == State.PENDING) {
      return held ? instance.fired(at) : instance;
    }
    return held ? instance : instance.pendingAgain();
  }

  private static boolean needsSending(AlertPolicy policy, AlertInstance instance, Instant at) {
    if (instance.state() == State.PENDING) {
      return false;
    }
    Instant lastSent = instance.lastSentAt();
    if (lastSent == null) {
      return true;
    }
    Instant resolved = instance.resolvedAt();
    return (resolved != null && resolved.isAfter(lastSent))
        || lastSent.plus(policy.resendInterval()).isBefore(at);
  }
}
