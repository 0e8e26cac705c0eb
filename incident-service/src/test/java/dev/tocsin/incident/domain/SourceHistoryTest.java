package dev.tocsin.incident.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.incident.Alerts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Laws over random histories: owners of a rule group with clocks of their own take over from each
 * other, forget and pause, while partitions are read at their own pace and become more. The seed is
 * in the message of a failure.
 */
class SourceHistoryTest {

  @Test
  void incident_neverEndsByItself_whileItsAlertFires_norStaysAwayWhileItDoes() {
    int ended = 0;
    for (int seed = 0; seed < Integer.getInteger("histories", 300); seed++) {
      History history = new History(new Random(seed), "seed " + seed);
      ended += history.run();
      history.settle();
    }
    // Else the law would say nothing.
    assertThat(ended).isGreaterThan(100);
  }

  private static final class History {
    private static final EscalationPolicy POLICY = new EscalationPolicy(List.of());
    private static final Duration RESEND = Duration.ofSeconds(60);
    private static final Duration HOLDS = RESEND.multipliedBy(4);

    /** Of one evaluation: a statement or, with no event, a heartbeat. */
    private record Message(int evaluation, @Nullable AlertEvent event, AlertHeartbeat beat) {}

    private final Random random;
    private final String seed;
    private Instant real = Alerts.T0;

    // The source: what its state topic keeps over owners, and the owner's clock.
    private boolean fires = true;
    private int owner = 1;
    private Duration skew = Duration.ZERO;
    private @Nullable Instant startsAt;
    private @Nullable Instant lastSent;

    /** By evaluation, the last one up to it in which the alert did not fire. */
    private final List<Integer> quiet = new ArrayList<>(List.of(0));

    private final List<ArrayDeque<Message>> topic = new ArrayList<>();

    // What was read.
    private final Map<Integer, Message> beats = new HashMap<>();
    private final Map<String, Instant> seen = new HashMap<>();
    private @Nullable Incident incident;
    private int stated;

    History(Random random, String seed) {
      this.random = random;
      this.seed = seed;
      for (int i = 0; i <= random.nextInt(3); i++) {
        topic.add(new ArrayDeque<>());
      }
    }

    int run() {
      int ended = 0;
      for (int step = 0; step < 600; step++) {
        switch (random.nextInt(60)) {
          case 0 -> fires = !fires;
          case 1 -> takeOver();
          case 2 -> real = real.plusSeconds(random.nextInt(900));
          case 3 -> addPartition();
          case 4 -> forget();
          default -> evaluate();
        }
        for (int i = random.nextInt(topic.size() * 4); i > 0; i--) {
          ended += read(random.nextInt(topic.size())) ? 1 : 0;
        }
        real = real.plusSeconds(random.nextInt(30));
      }
      return ended;
    }

    /** Time passes without a fault, and all is read: then the incident is what the alert is. */
    void settle() {
      skew = Duration.ZERO;
      real = real.plusSeconds(1_200);
      for (int i = 0; i < 60; i++) {
        evaluate();
        real = real.plusSeconds(10);
        for (int partition = 0; partition < topic.size(); partition++) {
          while (!topic.get(partition).isEmpty()) {
            read(partition);
          }
        }
      }
      assertThat(incident != null).as(seed).isEqualTo(fires);
    }

    private void takeOver() {
      owner++;
      skew = Duration.ofSeconds(random.nextInt(1_200) - 600);
    }

    /** Partitions only become more; the fingerprint is in another one then. */
    private void addPartition() {
      if (topic.size() < 4) {
        topic.add(new ArrayDeque<>());
      }
    }

    private void forget() {
      startsAt = null;
      lastSent = null;
    }

    /** What an owner does, as alert-service's AlertStates: state, then give a sign of life. */
    private void evaluate() {
      Instant now = real.plus(skew);
      int evaluation = quiet.size();
      quiet.add(fires ? quiet.get(evaluation - 1) : Integer.valueOf(evaluation));
      AlertHeartbeat beat = new AlertHeartbeat("g", "alert-" + owner, now);
      if (fires) {
        startsAt = startsAt == null ? now : startsAt;
        if (lastSent == null || lastSent.plus(RESEND).isBefore(now)) {
          lastSent = now;
          AlertEvent event = Alerts.firing("f", startsAt, now, now.plus(HOLDS));
          topic.get(topic.size() - 1).add(new Message(evaluation, event, beat));
        }
      } else {
        // Without a word, as when a limit is exceeded.
        forget();
      }
      topic.forEach(partition -> partition.add(new Message(evaluation, null, beat)));
    }

    /** Takes the next record in; true when it ended the incident. */
    private boolean read(int partition) {
      Message message = topic.get(partition).poll();
      if (message == null) {
        return false;
      }
      if (message.event() != null) {
        take(message, message.event(), partition);
        return false;
      }
      beats.put(partition, message);
      return incident != null && beats.size() == topic.size() && heard(incident, message);
    }

    private void take(Message message, AlertEvent event, int partition) {
      Statement statement = Statement.of(event, partition, real);
      Instant endedAt = seen.get(event.eventId());
      boolean fresh =
          !seen.containsKey(event.eventId())
              || (endedAt != null && endedAt.isBefore(statement.endsAt()));
      if (fresh) {
        seen.put(event.eventId(), null);
      }
      incident =
          fresh
              ? Escalation.alert(incident, event, statement, POLICY, real).incident()
              : Escalation.repeated(incident, event, statement).incident();
      stated = message.evaluation();
    }

    private boolean heard(Incident open, Message message) {
      Instant everywhere =
          beats.values().stream()
              .map(beat -> beat.beat().at())
              .min(Comparator.naturalOrder())
              .orElseThrow();
      SourceLife.Sign sign =
          new SourceLife.Sign(message.beat().source(), message.beat().at(), true, everywhere);
      Decision decision = SourceLife.heard(open, sign, real);
      if (!decision.transitions().contains(Transition.RESOLVED)) {
        incident = decision.incident();
        return false;
      }
      assertThat(beats.values()).as(seed).anyMatch(beat -> quiet.get(beat.evaluation()) > stated);
      Statement over = Objects.requireNonNull(open.statement());
      seen.put(over.eventId(), over.endsAt());
      incident = null;
      return true;
    }
  }
}
