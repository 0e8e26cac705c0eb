package dev.tocsin.alert.evaluate.group;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The alert state machine of Prometheus (rules/alerting.go) as a pure function of the states
 * before, the rule's result and the time. In one thing it is another: whatever keeps a rule from
 * being evaluated, its limit included, forgets nothing, because an alert that is forgotten is never
 * resolved.
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
   * @param mayEnd whether what is not in the result is over; else it stays as it is
   */
  public static Outcome step(
      AlertPolicy policy,
      Map<String, AlertInstance> previous,
      List<Candidate> result,
      Instant at,
      boolean mayEnd) {
    Map<String, Candidate> current = new LinkedHashMap<>();
    for (Candidate candidate : result) {
      if (current.put(AlertInstance.pending(candidate, at).fingerprint(), candidate) != null) {
        return repeated(
            policy,
            previous,
            at,
            "vector contains metrics with the same labelset after applying alert labels: "
                + candidate.labels());
      }
    }
    Map<String, AlertInstance> next = new LinkedHashMap<>();
    Map<String, AlertInstance> begun = new LinkedHashMap<>();
    previous.forEach(
        (fingerprint, before) -> {
          AlertInstance instance = before.notAfter(at);
          boolean anew = instance.state() == State.INACTIVE && current.containsKey(fingerprint);
          AlertInstance moved =
              anew
                  ? remembered(policy, instance, at)
                  : move(policy, instance, current.remove(fingerprint), at, mayEnd);
          if (moved != null) {
            next.put(fingerprint, moved);
          }
        });
    current.forEach(
        (fingerprint, candidate) ->
            begun.put(fingerprint, fire(policy, AlertInstance.pending(candidate, at), at)));
    long active =
        next.values().stream().filter(a -> a.state() != State.INACTIVE).count() + begun.size();
    boolean tooMany = policy.limit() > 0 && active > policy.limit();
    if (!tooMany) {
      next.putAll(begun);
    }
    String error =
        tooMany ? "exceeded limit of " + policy.limit() + " with " + active + " alerts" : "";
    return sending(policy, next, at, error);
  }

  /** The rule cannot be evaluated: everything stays as it is, and what fires is repeated. */
  public static Outcome repeated(
      AlertPolicy policy, Map<String, AlertInstance> previous, Instant at, String error) {
    Map<String, AlertInstance> next = new LinkedHashMap<>();
    previous.forEach(
        (fingerprint, before) -> {
          AlertInstance kept = remembered(policy, before.notAfter(at), at);
          if (kept != null) {
            next.put(fingerprint, kept);
          }
        });
    return sending(policy, next, at, error);
  }

  private static Outcome sending(
      AlertPolicy policy, Map<String, AlertInstance> states, Instant at, String error) {
    List<AlertInstance> due = new ArrayList<>();
    states.replaceAll(
        (fingerprint, instance) -> {
          if (!needsSending(policy, instance, at)) {
            return instance;
          }
          AlertInstance sent = instance.sent(at);
          due.add(sent);
          return sent;
        });
    return new Outcome(states, due, error);
  }

  /** Null when the instance is to be forgotten. */
  private static @Nullable AlertInstance move(
      AlertPolicy policy,
      AlertInstance instance,
      @Nullable Candidate candidate,
      Instant at,
      boolean mayEnd) {
    if (candidate != null) {
      return fire(policy, instance.refreshed(candidate), at);
    }
    if (!mayEnd) {
      return remembered(policy, instance, at);
    }
    return switch (instance.state()) {
      case PENDING -> null;
      case INACTIVE -> remembered(policy, instance, at);
      case FIRING -> keepOrResolve(policy, instance, at);
    };
  }

  /** Null when it was resolved so long ago that nobody needs to hear of it any more. */
  private static @Nullable AlertInstance remembered(
      AlertPolicy policy, AlertInstance instance, Instant at) {
    if (instance.state() != State.INACTIVE) {
      return instance;
    }
    Instant resolvedAt = instance.resolvedAt();
    boolean over =
        resolvedAt == null
            || Duration.between(resolvedAt, at).compareTo(policy.resolvedRetention()) > 0;
    return over ? null : instance;
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
    // By a clock that was set back it may have been active for less time than it took to fire.
    Instant firedAt = instance.firedAt();
    boolean wasHeld =
        firedAt != null
            && Duration.between(instance.activeAt(), firedAt).compareTo(policy.holdFor()) >= 0;
    return held || wasHeld ? instance : instance.pendingAgain();
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
        || lastSent.plus(policy.resendInterval()).isBefore(at)
        || lastSent.minus(policy.resendInterval()).isAfter(at);
  }
}
