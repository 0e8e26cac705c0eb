package dev.tocsin.incident.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows when an alert is not stated again: it is over when its source is provably alive, and
 * stays open when its source is silent. Pure.
 *
 * <p>Only what is read from the topic counts as proof, in the order of its partitions: a heartbeat
 * says that every statement before it in the partition has been taken in. It has to be heard in all
 * partitions, because a fingerprint has another one when partitions are added. Times of one clock
 * are never compared with those of another: a heartbeat and an end are the source's, silence is
 * measured by ours.
 */
public final class SourceLife {
  /** A source may be that much late with a repetition. */
  public static final Duration SLACK = Duration.ofSeconds(5);

  /** A source that says nothing for so long, when it should, is silent. */
  public static final Duration SILENT_AFTER = Duration.ofMinutes(2);

  private SourceLife() {}

  /**
   * A rule group's owner gave a sign of life.
   *
   * @param source that gave it
   * @param at newest in the partition where it was read
   * @param here whether that is the partition of the incident's alert
   * @param everywhere the time by which it was heard in all partitions; null when it was not yet
   */
  public record Sign(String source, Instant at, boolean here, @Nullable Instant everywhere) {}

  /**
   * What is known of a rule group's owner, by our clock.
   *
   * @param source and {@code at} of the last heartbeat in the partition; empty and null without one
   * @param heardAt when it was taken in
   * @param listeningSince since when the partition is read without a pause
   * @param readAt when the partition was last read to its end
   * @param holdsUntil until when the incident's statement holds
   */
  public record Listened(
      String source,
      @Nullable Instant at,
      @Nullable Instant heardAt,
      Instant listeningSince,
      Instant readAt,
      Instant holdsUntil) {}

  /** Ends an incident whose alert was not repeated though it would have been. */
  public static Decision heard(Incident incident, Sign sign, Instant now) {
    if (incident.status() == Status.RESOLVED) {
      return Decision.nothing(incident);
    }
    Statement statement = incident.statement();
    Instant everywhere = sign.everywhere();
    if (statement != null
        && everywhere != null
        && everywhere.isAfter(statement.endsAt().plus(SLACK))) {
      return over(incident, statement, sign, everywhere, now);
    }
    if (incident.silentSince() != null && sign.here()) {
      String text = "source " + sign.source() + " speaks again: alive at " + sign.at();
      Effect.Note note = new Effect.Note(SPEAKS, Escalation.ALERT, text);
      return new Decision(incident.heardOf(), List.of(new Effect.MarkHeard(), note));
    }
    return Decision.nothing(incident);
  }

  /** Kind of the timeline entry when a silent source was heard again. */
  static final String SPEAKS = "source-speaks";

  private static final String SILENT = "source-silent";

  private static Decision over(
      Incident incident, Statement statement, Sign sign, Instant everywhere, Instant now) {
    String text =
        "ended: not repeated since %s, source %s alive at %s"
            .formatted(statement.statedAt(), sign.source(), everywhere);
    Decision ended = Escalation.resolve(incident, Escalation.ALERT, text, now);
    List<Effect> effects = new ArrayList<>(ended.effects());
    effects.add(new Effect.Expire(statement.eventId(), statement.endsAt()));
    return new Decision(ended.incident(), effects);
  }

  /** Marks, once, an incident of whose alert nothing is heard any more, not even its source. */
  public static Decision listened(Incident incident, Listened listened) {
    Statement statement = incident.statement();
    if (incident.status() == Status.RESOLVED
        || statement == null
        || incident.silentSince() != null
        || !isSilent(listened)) {
      return Decision.nothing(incident);
    }
    Instant since = statement.statedAt();
    Instant beat = listened.at();
    since = beat != null && beat.isAfter(since) ? beat : since;
    String text =
        "source %s silent since %s: not known whether the alert still fires"
            .formatted(listened.source().isEmpty() ? "unknown" : listened.source(), since);
    Effect.Note note = new Effect.Note(SILENT, Escalation.TIMER, text);
    return new Decision(incident.silent(since), List.of(new Effect.MarkSilent(since), note));
  }

  /** As of the time in which we have listened; before and after, silence may be our deafness. */
  private static boolean isSilent(Listened listened) {
    Instant quiet = listened.readAt().minus(SILENT_AFTER);
    Instant heardAt = listened.heardAt();
    return !listened.listeningSince().isAfter(quiet)
        && listened.holdsUntil().isBefore(quiet)
        && (heardAt == null || heardAt.isBefore(quiet));
  }
}
