package dev.tocsin.incident.domain;

import java.time.Instant;

/** Something to be written in the transaction that changes the incident. */
public sealed interface Effect {

  /** A timeline entry. */
  record Note(String kind, String actor, String text) implements Effect {}

  /** Wake the incident at that time, unless its generation has moved on by then. */
  record ArmTimer(int generation, Instant dueAt) implements Effect {}

  /**
   * Tell a channel.
   *
   * @param step counted from 1; 0 for what belongs to no step
   */
  record Notify(String channel, Transition transition, int step, String actor, String comment)
      implements Effect {}

  /** Tell the rest of the suite. */
  record Publish(Transition transition, String actor) implements Effect {}

  /** Remember how long the alert's statement holds now. */
  record Restate() implements Effect {}

  /** Remember that the alert's source is silent. */
  record MarkSilent(Instant since) implements Effect {}

  /** Remember that the alert's source is not silent any more. */
  record MarkHeard() implements Effect {}

  /**
   * The statement was taken for over. Made again, to hold longer than it did, it is news, though
   * its id was seen before.
   */
  record Expire(String eventId, Instant endsAt) implements Effect {}
}
