package dev.tocsin.alert.evaluate.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.promql.series.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rules of research/alerting.md, one or more tests each. */
class AlertStatesTest {
  private static final Instant T0 = Instant.parse("2026-11-23T00:00:00Z");

  private Duration holdFor = Duration.ZERO;
  private Duration keepFiringFor = Duration.ZERO;
  private int limit;
  private boolean mayEnd = true;
  private Map<String, AlertInstance> states = Map.of();
  private AlertStates.Outcome outcome = new AlertStates.Outcome(Map.of(), List.of(), "");

  private void step(int second, Candidate... result) {
    AlertPolicy policy =
        new AlertPolicy(
            holdFor,
            keepFiringFor,
            limit,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(15));
    outcome = AlertStates.step(policy, states, List.of(result), at(second), mayEnd);
    states = outcome.states();
  }

  private AlertInstance only() {
    assertThat(states).hasSize(1);
    return states.values().iterator().next();
  }

  private static Instant at(int second) {
    return T0.plusSeconds(second);
  }

  private static Candidate a(double value) {
    return candidate("a", value);
  }

  private static Candidate candidate(String service, double value) {
    return new Candidate(
        Labels.of("alertname", "x", "service", service), Map.of("is", "" + value), value);
  }

  @Test
  void identity_makesRuleErrAndSendNothing_whenTwoSamplesShareIt() {
    step(0, a(1));
    Map<String, AlertInstance> before = states;
    step(60, a(1), a(2));
    assertThat(outcome.error()).contains("same labelset");
    assertThat(outcome.due()).isEmpty();
    assertThat(states).isEqualTo(before);
  }

  @Test
  void newSample_firesAtOnce_withoutFor() {
    step(0, a(1));
    assertThat(only().state()).isEqualTo(State.FIRING);
    assertThat(only().activeAt()).isEqualTo(at(0));
    assertThat(only().firedAt()).isEqualTo(at(0));
  }

  @Test
  void newSample_isPendingUntilForIsOver() {
    holdFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(9, a(1));
    assertThat(only().state()).isEqualTo(State.PENDING);
    assertThat(outcome.due()).isEmpty();
    step(10, a(1));
    assertThat(only().state()).isEqualTo(State.FIRING);
    assertThat(only().activeAt()).isEqualTo(at(0));
    assertThat(only().firedAt()).isEqualTo(at(10));
  }

  @Test
  void pending_isForgotten_whenItsSampleIsGone() {
    holdFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(5);
    assertThat(states).isEmpty();
    step(10, a(1));
    assertThat(only().activeAt()).isEqualTo(at(10));
  }

  @Test
  void firing_isResolved_whenItsSampleIsGone() {
    step(0, a(1));
    step(5);
    assertThat(only().state()).isEqualTo(State.INACTIVE);
    assertThat(only().resolvedAt()).isEqualTo(at(5));
    assertThat(outcome.due()).containsExactly(only());
  }

  @Test
  void end_isSaid_whenAnotherOwnerSaidAtThatVeryTimeThatItFires() {
    step(0, a(1));
    step(0);
    assertThat(outcome.due())
        .singleElement()
        .extracting(AlertInstance::resolvedAt)
        .isEqualTo(at(0));
    step(1);
    assertThat(outcome.due()).isEmpty();
  }

  @Test
  void firing_goesOn_whileKeepFiringForLasts() {
    keepFiringFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(5);
    step(14);
    assertThat(only().state()).isEqualTo(State.FIRING);
    assertThat(only().keepFiringSince()).isEqualTo(at(5));
    step(15);
    assertThat(only().state()).isEqualTo(State.INACTIVE);
    assertThat(only().resolvedAt()).isEqualTo(at(15));
  }

  @Test
  void sampleThatReturns_resetsKeepFiringSince() {
    keepFiringFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(5);
    step(8, a(1));
    assertThat(only().keepFiringSince()).isNull();
    step(9);
    step(18);
    assertThat(only().state()).isEqualTo(State.FIRING);
  }

  @Test
  void resolved_isRememberedAndRepeatedForFifteenMinutes() {
    step(0, a(1));
    step(10);
    step(71);
    assertThat(outcome.due()).hasSize(1);
    assertThat(outcome.due().get(0).resolvedAt()).isEqualTo(at(10));
    step(10 + 900);
    assertThat(states).hasSize(1);
    step(10 + 901);
    assertThat(states).isEmpty();
  }

  @Test
  void resolved_startsAnew_whenItComesBack() {
    holdFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(10, a(1));
    step(20);
    step(30, a(1));
    assertThat(only().state()).isEqualTo(State.PENDING);
    assertThat(only().activeAt()).isEqualTo(at(30));
    assertThat(only().lastSentAt()).isNull();
    step(40, a(1));
    assertThat(only().firedAt()).isEqualTo(at(40));
    assertThat(outcome.due()).hasSize(1);
  }

  @Test
  void firing_fallsBackToPending_whenForIsRaisedAboveItsAge() {
    holdFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(10, a(1));
    holdFor = Duration.ofSeconds(60);
    step(20, a(1));
    assertThat(only().state()).isEqualTo(State.PENDING);
    assertThat(only().firedAt()).isNull();
    assertThat(only().lastSentAt()).isNull();
    step(60, a(1));
    assertThat(only().firedAt()).isEqualTo(at(60));
  }

  @Test
  void valueAndAnnotations_areRefreshed_labelsAreIdentity() {
    step(0, a(1));
    step(1, a(2));
    assertThat(only().value()).isEqualTo(2);
    assertThat(only().annotations()).containsEntry("is", "2.0");
    step(2, a(2), candidate("b", 5));
    assertThat(states).hasSize(2);
  }

  @Test
  void firing_isSentOnceAndThenOnceAResendInterval() {
    step(0, a(1));
    assertThat(outcome.due()).hasSize(1);
    step(60, a(1));
    assertThat(outcome.due()).isEmpty();
    step(61, a(1));
    assertThat(outcome.due()).hasSize(1);
    assertThat(only().lastSentAt()).isEqualTo(at(61));
    assertThat(only().firedAt()).isEqualTo(at(0));
  }

  @Test
  void resolved_isSentAtOnce_howeverShortlyAfterTheLastSend() {
    step(0, a(1));
    step(1);
    assertThat(outcome.due()).hasSize(1);
    step(2);
    assertThat(outcome.due()).isEmpty();
  }

  @Test
  void limit_addsNoAlertsAndMakesRuleErr_whenExceeded_butForgetsNone() { // A-6, but for forgetting
    limit = 1;
    step(0, a(1));
    assertThat(outcome.error()).isEmpty();
    step(1, a(1), candidate("b", 1));
    assertThat(outcome.error()).isEqualTo("exceeded limit of 1 with 2 alerts");
    assertThat(only().state()).isEqualTo(State.FIRING);
    step(61, a(1), candidate("b", 1));
    assertThat(outcome.due()).containsExactly(only());
    step(62, candidate("b", 1));
    assertThat(outcome.error()).isEmpty();
    assertThat(outcome.due()).extracting(AlertInstance::state).contains(State.INACTIVE);
  }

  @Test
  void resolvedAlert_staysResolved_whenItsReturnWouldExceedTheLimit() {
    limit = 1;
    step(0, a(1));
    step(1);
    step(2, a(1), candidate("b", 1));
    assertThat(outcome.error()).contains("exceeded limit");
    assertThat(only().state()).isEqualTo(State.INACTIVE);
    step(3, a(1));
    assertThat(only().state()).isEqualTo(State.FIRING);
  }

  @Test
  void firing_isRepeated_whileItsRuleErrs() {
    step(0, a(1));
    step(61, a(1), a(2));
    assertThat(outcome.error()).contains("same labelset");
    assertThat(outcome.due()).containsExactly(only());
    assertThat(only().lastSentAt()).isEqualTo(at(61));
  }

  @Test
  void missingSample_changesNothing_whenAlertsMayNotEnd() {
    holdFor = Duration.ofSeconds(10);
    step(0, a(1));
    step(10, a(1), candidate("b", 1));
    mayEnd = false;
    step(71);
    assertThat(states.values())
        .extracting(AlertInstance::state)
        .containsExactly(State.FIRING, State.PENDING);
    assertThat(outcome.due()).hasSize(1);
    step(72, a(1), candidate("b", 1));
    assertThat(states.values()).extracting(AlertInstance::state).containsOnly(State.FIRING);
    mayEnd = true;
    step(73);
    assertThat(states.values()).extracting(AlertInstance::state).containsOnly(State.INACTIVE);
  }

  @Test
  void clockSetBack_neitherEndsNorSilencesWhatFires() {
    holdFor = Duration.ofSeconds(10);
    step(3_600, a(1));
    step(3_610, a(1));
    Instant firedAt = only().firedAt();
    step(5, a(1));
    assertThat(only().state()).isEqualTo(State.FIRING);
    assertThat(only().firedAt()).isEqualTo(firedAt);
    assertThat(outcome.due()).hasSize(1);
    step(70, a(1));
    assertThat(outcome.due()).hasSize(1);
  }

  @Test
  void clockSetBack_letsPendingStartAnew_insteadOfWaitingForTheClock() {
    holdFor = Duration.ofSeconds(10);
    step(3_600, a(1));
    step(5, a(1));
    step(15, a(1));
    assertThat(only().state()).isEqualTo(State.FIRING);
  }

  @Test
  void statementHolds_forFourTimesTheLongerOfIntervalAndResend() {
    AlertPolicy slow =
        new AlertPolicy(
            Duration.ZERO,
            Duration.ZERO,
            0,
            Duration.ofMinutes(5),
            Duration.ofMinutes(1),
            Duration.ofMinutes(15));
    assertThat(slow.validity()).isEqualTo(Duration.ofMinutes(20));
  }

  @Test
  void storedState_readsBackAsItWas() {
    holdFor = Duration.ofSeconds(1);
    keepFiringFor = Duration.ofSeconds(30);
    step(0, a(Double.POSITIVE_INFINITY));
    step(1, a(Double.POSITIVE_INFINITY));
    step(2);
    AlertInstance instance = only();
    assertThat(AlertInstance.of(instance.record("g", "r"))).isEqualTo(instance);
  }
}
