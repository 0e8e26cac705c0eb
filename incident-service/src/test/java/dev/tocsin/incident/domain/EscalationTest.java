package dev.tocsin.incident.domain;

import static dev.tocsin.incident.Alerts.T0;
import static dev.tocsin.incident.Alerts.firing;
import static dev.tocsin.incident.Alerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.incident.Alerts;
import dev.tocsin.incident.domain.Effect.ArmTimer;
import dev.tocsin.incident.domain.Effect.Note;
import dev.tocsin.incident.domain.Effect.Notify;
import dev.tocsin.incident.domain.EscalationPolicy.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EscalationTest {
  private static final EscalationPolicy CLIMB =
      EscalationPolicy.climbing(List.of("slack", "email", "pagerduty"), Duration.ofMinutes(5));
  private static final Instant NOW = T0.plusSeconds(1);

  private static Decision opened(EscalationPolicy policy) {
    return Escalation.alert(null, firing("f"), policy, NOW);
  }

  private static Incident incident(Decision decision) {
    return Objects.requireNonNull(decision.incident());
  }

  private static List<String> notified(Decision decision) {
    return decision.effects().stream()
        .filter(Notify.class::isInstance)
        .map(e -> ((Notify) e).channel() + " " + ((Notify) e).transition().text())
        .toList();
  }

  private static List<ArmTimer> timers(Decision decision) {
    return decision.effects().stream()
        .filter(ArmTimer.class::isInstance)
        .map(ArmTimer.class::cast)
        .toList();
  }

  @Test
  void firing_notifiesTheFirstStepAtOnce_andArmsTheNext() {
    Decision decision = opened(CLIMB);
    assertThat(notified(decision)).containsExactly("slack triggered");
    assertThat(timers(decision)).containsExactly(new ArmTimer(1, NOW.plusSeconds(300)));
    assertThat(decision.transitions()).containsExactly(Transition.TRIGGERED);
    assertThat(incident(decision).status()).isEqualTo(Status.TRIGGERED);
    assertThat(incident(decision).title()).isEqualTo("5 % of <checkout> & more fail");
    assertThat(incident(decision).severity()).isEqualTo("critical");
  }

  @Test
  void timer_takesTheNextStepOnly() {
    Incident first = incident(opened(CLIMB));
    Instant late = NOW.plus(Duration.ofHours(5));
    Decision second = Escalation.timer(first, 1, late);
    assertThat(notified(second)).containsExactly("email escalated");
    assertThat(timers(second)).containsExactly(new ArmTimer(2, late.plusSeconds(300)));
    Decision third = Escalation.timer(incident(second), 2, late.plusSeconds(300));
    assertThat(notified(third)).containsExactly("pagerduty escalated");
    assertThat(timers(third)).isEmpty();
    assertThat(incident(third).stepsTaken()).isEqualTo(3);
  }

  @Test
  void timer_doesNothing_whenItsGenerationHasPassed() {
    Incident first = incident(opened(CLIMB));
    Incident second = incident(Escalation.timer(first, 1, NOW));
    assertThat(Escalation.timer(second, 1, NOW)).isEqualTo(Decision.nothing(second));
  }

  @Test
  void incident_opensWithoutNotification_whenNoChannelIsConfigured() {
    Decision decision = opened(EscalationPolicy.climbing(List.of(), Duration.ofMinutes(5)));
    assertThat(notified(decision)).isEmpty();
    assertThat(timers(decision)).isEmpty();
    assertThat(decision.transitions()).containsExactly(Transition.TRIGGERED);
  }

  @Test
  void firstStep_waits_whenItHasADelay() {
    EscalationPolicy policy =
        new EscalationPolicy(List.of(new Step(List.of("slack", "email"), Duration.ofSeconds(30))));
    Decision decision = opened(policy);
    assertThat(notified(decision)).isEmpty();
    assertThat(timers(decision)).containsExactly(new ArmTimer(0, NOW.plusSeconds(30)));
    Decision fired = Escalation.timer(incident(decision), 0, NOW.plusSeconds(30));
    assertThat(notified(fired)).containsExactly("slack triggered", "email triggered");
  }

  @Test
  void acknowledge_tellsTheChannelsPagedSoFar_andMakesTimersLate() {
    Incident second = incident(Escalation.timer(incident(opened(CLIMB)), 1, NOW));
    Decision decision = Escalation.acknowledge(second, "Ada", "on it", NOW);
    assertThat(notified(decision)).containsExactly("slack acknowledged", "email acknowledged");
    assertThat(decision.effects()).contains(new Note("acknowledged", "Ada", "on it"));
    Incident acknowledged = incident(decision);
    assertThat(acknowledged.acknowledged()).isEqualTo(new Incident.Mark(NOW, "Ada"));
    for (int generation = 0; generation < 10; generation++) {
      assertThat(Escalation.timer(acknowledged, generation, NOW).effects()).isEmpty();
    }
    assertThat(Escalation.acknowledge(acknowledged, "Bob", "", NOW).effects()).isEmpty();
  }

  @Test
  void resolvedAlert_endsTheIncident_onceOnly() {
    Incident open = incident(opened(CLIMB));
    Decision decision = Escalation.alert(open, resolved("f"), CLIMB, NOW);
    assertThat(notified(decision)).containsExactly("slack resolved");
    assertThat(incident(decision).resolved()).isEqualTo(new Incident.Mark(NOW, "alert"));
    assertThat(Escalation.resolve(incident(decision), "Ada", "", NOW).effects()).isEmpty();
    assertThat(Escalation.acknowledge(incident(decision), "Ada", "", NOW).effects()).isEmpty();
    assertThat(Escalation.alert(null, resolved("f"), CLIMB, NOW).effects()).isEmpty();
  }

  @Test
  void resolvedAlert_isIgnored_whenItIsOfAnEarlierFiring() {
    Incident open = incident(opened(CLIMB));
    assertThat(Escalation.alert(open, resolved("f", T0.minusSeconds(60)), CLIMB, NOW).effects())
        .isEmpty();
  }

  @Test
  void firing_joinsTheOpenIncident_whenItsResolutionWasMissed() {
    Incident open = incident(opened(CLIMB));
    Decision decision = Escalation.alert(open, firing("f", T0.plusSeconds(60)), CLIMB, NOW);
    assertThat(notified(decision)).isEmpty();
    assertThat(incident(decision).alert().startsAt()).isEqualTo(T0.plusSeconds(60));
    assertThat(incident(decision).generation()).isEqualTo(open.generation());
    assertThat(Escalation.alert(open, firing("f"), CLIMB, NOW).effects()).isEmpty();
  }

  /** Laws over random histories; the seed is in the message of a failure. */
  @Test
  void earlierFiring_saysNothingOfTheEnd_whenItIsReadAgainAfterRecordsWereLost() {
    Instant later = T0.plusSeconds(600);
    AlertEvent fired = Alerts.firing("f1", later, later, later.plusSeconds(240));
    // Nothing is known of its end, as after records were lost.
    Incident open = incident(Escalation.alert(null, fired, CLIMB, later));
    AlertEvent earlier = Alerts.firing("f1", T0, T0, T0.plusSeconds(240));
    Decision reread = Escalation.repeated(open, earlier, Statement.of(earlier, 0, later));
    assertThat(incident(reread).statement()).isNull();
    Decision restated = Escalation.repeated(open, fired, Statement.of(fired, 0, later));
    assertThat(incident(restated).statement()).isNotNull();
  }

  @Test
  void anyHistory_takesStepsInOrder_oneAtATime_andNoneAfterAnAnswer() {
    for (int seed = 0; seed < 2_000; seed++) {
      history(new Random(seed), "seed " + seed);
    }
  }

  private static void history(Random random, String seed) {
    EscalationPolicy policy = randomPolicy(random);
    Instant now = NOW;
    Incident incident = null;
    List<ArmTimer> armed = new ArrayList<>();
    int lastStep = 0;
    for (int i = 0; i < 30; i++) {
      now = now.plusSeconds(random.nextInt(400));
      Status before = incident == null ? null : incident.status();
      Decision decision = randomInput(random, incident, policy, armed, now);
      List<Notify> pages =
          decision.effects().stream()
              .filter(e -> e instanceof Notify n && n.transition().page())
              .map(Notify.class::cast)
              .toList();
      if (!pages.isEmpty()) {
        assertThat(before).as(seed).isIn(null, Status.TRIGGERED);
        assertThat(pages).as(seed).extracting(Notify::step).containsOnly(lastStep + 1);
        lastStep++;
        assertThat(pages)
            .as(seed)
            .extracting(Notify::channel)
            .containsExactlyElementsOf(policy.steps().get(lastStep - 1).channels());
      }
      armed.addAll(timers(decision));
      Incident next = decision.incident();
      if (next != null) {
        assertThat(next.stepsTaken()).as(seed).isEqualTo(lastStep);
        assertThat(next.status())
            .as(seed)
            .isGreaterThanOrEqualTo(before == null ? Status.TRIGGERED : before);
        int generation = next.generation();
        assertThat(armed.stream().filter(t -> t.generation() == generation).count())
            .as(seed)
            .isLessThanOrEqualTo(1);
      }
      incident = next;
    }
  }

  private static Decision randomInput(
      Random random,
      Incident incident,
      EscalationPolicy policy,
      List<ArmTimer> armed,
      Instant now) {
    if (incident == null) {
      return Escalation.alert(null, firing("f"), policy, now);
    }
    return switch (random.nextInt(8)) {
      case 0 -> Escalation.acknowledge(incident, "Ada", "", now);
      case 1 -> Escalation.resolve(incident, "Ada", "", now);
      case 2 -> Escalation.alert(incident, firing("f", now), policy, now);
      case 3 -> Escalation.timer(incident, random.nextInt(10) - 20, now);
      default ->
          armed.isEmpty()
              ? Decision.nothing(incident)
              : Escalation.timer(
                  incident, armed.get(random.nextInt(armed.size())).generation(), now);
    };
  }

  private static EscalationPolicy randomPolicy(Random random) {
    List<String> channels = List.of("slack", "email", "pagerduty");
    List<Step> steps = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      List<String> some = channels.subList(0, 1 + random.nextInt(3));
      steps.add(new Step(some, Duration.ofSeconds(random.nextInt(3) * 100L)));
    }
    return new EscalationPolicy(steps);
  }

  @Test
  void title_fallsBackToRuleAndService() {
    var event = firing("f");
    var bare =
        new dev.tocsin.common.contract.AlertEvent(
            event.status(),
            Map.of("service", "checkout"),
            Map.of(),
            event.startsAt(),
            event.endsAt(),
            event.updatedAt(),
            "",
            "f",
            "default/red",
            "high_latency",
            "7");
    assertThat(incident(Escalation.alert(null, bare, CLIMB, NOW)).title())
        .isEqualTo("high_latency: checkout");
  }
}
