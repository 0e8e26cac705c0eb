package dev.tocsin.alert.evaluate.group;

import java.time.Duration;

/**
 * What decides the states of one alerting rule besides its expression.
 *
 * @param holdFor the rule's {@code for}
 * @param keepFiringFor the rule's {@code keep_firing_for}
 * @param limit the group's: how many pending and firing instances the rule may have, 0 for any
 * @param interval between evaluations
 * @param resendInterval after which an unchanged statement is repeated
 * @param resolvedRetention how long a resolved instance is remembered and repeated
 */
public record AlertPolicy(
    Duration holdFor,
    Duration keepFiringFor,
    int limit,
    Duration interval,
    Duration resendInterval,
    Duration resolvedRetention) {

  /** How long a statement about a firing alert holds without repetition (as Prometheus has it). */
  Duration validity() {
    Duration longer = interval.compareTo(resendInterval) > 0 ? interval : resendInterval;
    return longer.multipliedBy(4);
  }
}
