package dev.tocsin.alert.evaluate.group;

import java.time.Duration;

/**
 * What all groups share.
 *
 * @param resendInterval after which an unchanged statement about an alert is repeated
 * @param resolvedRetention how long a resolved alert is remembered and repeated
 * @param externalUrl where people reach Tocsin, for links and templates
 */
public record EvaluationSettings(
    Duration resendInterval, Duration resolvedRetention, String externalUrl) {}
