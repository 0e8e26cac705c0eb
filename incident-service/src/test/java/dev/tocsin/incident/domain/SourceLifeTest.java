package dev.tocsin.incident.domain;

import static dev.tocsin.incident.Alerts.T0;
import static dev.tocsin.incident.Alerts.firing;
import static dev.tocsin.incident.Alerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.incident.domain.SourceLife.Listened;
import dev.tocsin.incident.domain.SourceLife.Sign;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceLifeTest {
  private static final EscalationPolicy POLICY =
      EscalationPolicy.climbing(List.of("slack", "email"), Duration.ofMinutes(5));

  /** Our clock is an hour behind the source's. */
  private static final Instant NOW = T0.minus(Duration.ofHours(1));

  private static final Instant ENDS = T0.plusSeconds(240);

  private static Incident open() {
    var event = firing("f", T0, T0, ENDS);
    return incident(Escalation.alert(null, event, Statement.of(event, 3, NOW), POLICY, NOW));
  }

  private static Incident incident(Decision decision) {
    return Objects.requireNonNull(decision.incident());
  }

  private static Sign everywhere(Instant at) {
    return new Sign("alert-1", at, true, at);
  }

  private static Listened silence(Incident incident, Duration beyond) {
    Instant readAt =
        Objects.requireNonNull(incident.statement())
            .holdsUntil()
            .plus(SourceLife.SILENT_AFTER)
            .plus(beyond);
    return listened(incident, "", null, null, readAt);
  }

  /** Of somebody who has listened for long. */
  private static Listened listened(
      Incident incident,
      String source,
      @Nullable Instant at,
      @Nullable Instant heardAt,
      Instant readAt) {
    Instant holdsUntil = Objects.requireNonNull(incident.statement()).holdsUntil();
    return new Listened(source, at, heardAt, Instant.EPOCH, readAt, holdsUntil);
  }

  private static List<String> notes(Decision decision) {
    return decision.effects().stream()
        .filter(Effect.Note.class::isInstance)
        .map(effect -> ((Effect.Note) effect).kind() + ": " + ((Effect.Note) effect).text())
        .toList();
  }

  @Test
  void incident_ends_whenItsAlertWasNotRepeated_andItsSourceIsAlive() {
    Instant alive = ENDS.plusSeconds(6);
    Decision decision = SourceLife.heard(open(), everywhere(alive), NOW);
    assertThat(incident(decision).status()).isEqualTo(Status.RESOLVED);
    assertThat(decision.transitions()).containsExactly(Transition.RESOLVED);
    assertThat(notes(decision))
        .containsExactly(
            "resolved: ended: not repeated since " + T0 + ", source alert-1 alive at " + alive);
    assertThat(decision.effects()).contains(new Effect.Expire(firing("f").eventId(), ENDS));
    assertThat(SourceLife.heard(incident(decision), everywhere(alive), NOW).effects()).isEmpty();
  }

  @Test
  void incident_staysOpen_untilItsSourceWasHeardAfterTheEnd_inAllPartitions() {
    Incident open = open();
    assertThat(SourceLife.heard(open, everywhere(ENDS.plusSeconds(5)), NOW).effects()).isEmpty();
    Sign notEverywhere = new Sign("alert-1", ENDS.plusSeconds(600), true, null);
    assertThat(SourceLife.heard(open, notEverywhere, NOW).effects()).isEmpty();
    Sign lateSomewhere = new Sign("alert-1", ENDS.plusSeconds(600), true, ENDS);
    assertThat(SourceLife.heard(open, lateSomewhere, NOW).effects()).isEmpty();
  }

  @Test
  void repetition_movesTheEnd() {
    Incident open = open();
    var again = firing("f", T0, T0.plusSeconds(60), ENDS.plusSeconds(60));
    Decision decision = Escalation.repeated(open, again, Statement.of(again, 3, NOW));
    assertThat(notes(decision)).isEmpty();
    assertThat(decision.transitions()).isEmpty();
    Incident restated = incident(decision);
    assertThat(restated.sameApartFromSource(open)).isTrue();
    assertThat(SourceLife.heard(restated, everywhere(ENDS.plusSeconds(6)), NOW).effects())
        .isEmpty();
    assertThat(SourceLife.heard(restated, everywhere(ENDS.plusSeconds(66)), NOW).effects())
        .isNotEmpty();
    // It fires, whichever firing it is about: a clock may be behind.
    var earlier = firing("f", T0.minusSeconds(9), T0, ENDS.plusSeconds(900));
    Decision behind = Escalation.alert(open, earlier, Statement.of(earlier, 3, NOW), POLICY, NOW);
    assertThat(incident(behind).alert()).isEqualTo(open.alert());
    assertThat(SourceLife.heard(incident(behind), everywhere(ENDS.plusSeconds(66)), NOW).effects())
        .isEmpty();
    assertThat(Escalation.repeated(null, again, Statement.of(again, 3, NOW)).effects()).isEmpty();
    assertThat(Escalation.repeated(open, resolved("f"), null).effects()).isEmpty();
  }

  @Test
  void incidentFromBefore_neverEndsByItself() {
    Incident old = incident(Escalation.alert(null, firing("f"), POLICY, NOW));
    assertThat(SourceLife.heard(old, everywhere(Instant.parse("2099-01-01T00:00:00Z")), NOW))
        .isEqualTo(Decision.nothing(old));
    Instant then = Instant.parse("2099-01-01T00:00:00Z");
    Listened late = new Listened("", null, null, Instant.EPOCH, then, Instant.EPOCH);
    assertThat(SourceLife.listened(old, late)).isEqualTo(Decision.nothing(old));
  }

  @Test
  void incident_isMarkedOnce_whenItsSourceIsSilent() {
    Incident open = open();
    assertThat(SourceLife.listened(open, silence(open, Duration.ZERO)).effects()).isEmpty();
    Decision decision = SourceLife.listened(open, silence(open, Duration.ofMillis(1)));
    assertThat(incident(decision).status()).isEqualTo(Status.TRIGGERED);
    assertThat(incident(decision).silentSince()).isEqualTo(T0);
    assertThat(decision.transitions()).isEmpty();
    assertThat(notes(decision))
        .containsExactly(
            "source-silent: source unknown silent since "
                + T0
                + ": not known whether the alert still fires");
    Incident silent = incident(decision);
    assertThat(SourceLife.listened(silent, silence(silent, Duration.ofHours(9))).effects())
        .isEmpty();
  }

  @Test
  void source_isNotSilent_asLongAsItIsHeard_orWeAreDeaf() {
    Incident open = open();
    Instant readAt = silence(open, Duration.ofHours(1)).readAt();
    // Its clock stands still, or is far behind: it speaks all the same.
    Listened speaking = listened(open, "alert-1", T0, readAt.minusSeconds(100), readAt);
    assertThat(SourceLife.listened(open, speaking).effects()).isEmpty();
    Listened quiet =
        listened(open, "alert-1", T0.plusSeconds(30), readAt.minusSeconds(121), readAt);
    assertThat(incident(SourceLife.listened(open, quiet)).silentSince())
        .isEqualTo(T0.plusSeconds(30));
    // We have not read on since, so what it said since is not known.
    Listened deaf = listened(open, "alert-1", T0, NOW, NOW.plusSeconds(300));
    assertThat(SourceLife.listened(open, deaf).effects()).isEmpty();
    // We have been away ourselves, and have listened again for less than two minutes.
    Instant holdsUntil = Objects.requireNonNull(open.statement()).holdsUntil();
    Listened back = new Listened("alert-1", T0, null, readAt.minusSeconds(119), readAt, holdsUntil);
    assertThat(SourceLife.listened(open, back).effects()).isEmpty();
    Listened longer =
        new Listened("alert-1", T0, null, readAt.minusSeconds(120), readAt, holdsUntil);
    assertThat(SourceLife.listened(open, longer).effects()).isNotEmpty();
  }

  @Test
  void silentSource_isSaidToSpeakAgain() {
    Incident open = open();
    Incident silent = incident(SourceLife.listened(open, silence(open, Duration.ofMillis(1))));
    Sign elsewhere = new Sign("alert-1", ENDS, false, ENDS);
    assertThat(SourceLife.heard(silent, elsewhere, NOW).effects()).isEmpty();
    Decision heard = SourceLife.heard(silent, everywhere(ENDS), NOW);
    assertThat(incident(heard)).isEqualTo(open);
    assertThat(notes(heard))
        .containsExactly("source-speaks: source alert-1 speaks again: alive at " + ENDS);
    var again = firing("f", T0, T0.plusSeconds(900), ENDS.plusSeconds(900));
    Decision restated = Escalation.repeated(silent, again, Statement.of(again, 3, NOW));
    assertThat(incident(restated).silentSince()).isNull();
    assertThat(notes(restated))
        .containsExactly("source-speaks: the source says that the alert fires");
  }

  @Test
  void statement_withAnOddEnd_holdsUntilItIsTakenBack() {
    for (Instant odd : List.of(Instant.MAX, Instant.MIN, T0.minusSeconds(1))) {
      var event = firing("f", T0, T0, odd);
      Statement statement = Statement.of(event, 0, NOW);
      assertThat(statement.endsAt()).isEqualTo(Instant.parse("9999-12-31T00:00:00Z"));
      assertThat(statement.holdsUntil()).isEqualTo(NOW.plus(Duration.ofDays(1)));
    }
  }
}
