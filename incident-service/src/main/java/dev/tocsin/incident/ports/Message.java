package dev.tocsin.incident.ports;

import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Transition;
import java.time.Instant;

/**
 * What a notifier is to deliver.
 *
 * @param notificationId stable over retries and unique in this installation
 * @param incident as it stands now
 * @param target where in the channel, such as an address; empty when the channel has only one
 * @param step of the policy, from 1; 0 for what belongs to no step
 * @param comment of the person who caused it, or empty
 * @param at when it was written
 */
public record Message(
    long notificationId,
    Incident incident,
    String target,
    Transition transition,
    int step,
    String actor,
    String comment,
    Instant at) {}
