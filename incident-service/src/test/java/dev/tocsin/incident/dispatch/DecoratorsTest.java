package dev.tocsin.incident.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.incident.Messages;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.ports.Outcome.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecoratorsTest {
  private static final Outcome FAILED = new Outcome.Retry(Reason.NETWORK, "down");
  private static final Outcome SENT = new Outcome.Accepted("ok");

  private final Fake fake = new Fake();
  private Instant now = Instant.parse("2026-11-23T01:00:00Z");

  private static final class Fake implements Notifier {
    private Outcome next = SENT;
    private int calls;

    @Override
    public String channel() {
      return "fake";
    }

    @Override
    public Future<Outcome> send(Message message) {
      calls++;
      return Future.succeededFuture(next);
    }
  }

  private static Outcome send(Notifier notifier) {
    return notifier.send(Messages.of(Transition.TRIGGERED)).result();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void breaker_leavesADeadDestinationAlone_andProbesIt() {
    Notifier breaker = new CircuitBreakerNotifier(fake, () -> now);
    fake.next = FAILED;
    for (int i = 0; i < 5; i++) {
      assertThat(send(breaker)).isEqualTo(FAILED);
    }
    assertThat(send(breaker))
        .isEqualTo(new Outcome.Deferred(Reason.CIRCUIT_OPEN, Duration.ofSeconds(5)));
    assertThat(fake.calls).isEqualTo(5);

    pass(Duration.ofSeconds(5));
    assertThat(send(breaker)).isEqualTo(FAILED);
    assertThat(send(breaker))
        .isEqualTo(new Outcome.Deferred(Reason.CIRCUIT_OPEN, Duration.ofSeconds(10)));

    pass(Duration.ofSeconds(10));
    fake.next = SENT;
    assertThat(send(breaker)).isEqualTo(SENT);
    assertThat(send(breaker)).isEqualTo(SENT);
    assertThat(fake.calls).isEqualTo(8);
  }

  @Test
  void health_namesTheDestinationAndTheLastFailure_whileTheBreakerIsOpen() {
    Notifier guarded =
        new RateLimitedNotifier(new CircuitBreakerNotifier(fake, () -> now), 100, 60, () -> now);
    fake.next = FAILED;
    for (int i = 0; i < 4; i++) {
      send(guarded);
    }
    assertThat(guarded.health().issues()).isEmpty();
    send(guarded);
    assertThat(guarded.health())
        .isEqualTo(Health.degraded("fake: the last 5 deliveries have failed: network: down"));

    pass(Duration.ofSeconds(5));
    fake.next = SENT;
    send(guarded);
    assertThat(guarded.health().issues()).isEmpty();
  }

  /** Five failures of messages that were under way together, and a sixth that is late. */
  @Test
  void breaker_believesItsOwnTryOnly_whileItIsOpen() {
    List<Promise<Outcome>> sent = new ArrayList<>();
    Notifier slow =
        new Notifier() {
          @Override
          public String channel() {
            return "slow";
          }

          @Override
          public Future<Outcome> send(Message message) {
            Promise<Outcome> answer = Promise.promise();
            sent.add(answer);
            return answer.future();
          }
        };
    Notifier breaker = new CircuitBreakerNotifier(slow, () -> now);
    for (int i = 0; i < 7; i++) {
      assertThat(breaker.send(Messages.of(Transition.TRIGGERED)).isComplete()).isFalse();
    }
    sent.subList(0, 5).forEach(answer -> answer.complete(FAILED));
    pass(Duration.ofSeconds(5));
    Future<Outcome> probe = breaker.send(Messages.of(Transition.TRIGGERED));
    assertThat(sent).hasSize(8);

    sent.get(5).complete(FAILED);
    assertThat(send(breaker))
        .isEqualTo(new Outcome.Deferred(Reason.CIRCUIT_OPEN, Duration.ofSeconds(1)));
    sent.get(6).complete(SENT);
    assertThat(send(breaker)).isInstanceOf(Outcome.Deferred.class);
    assertThat(sent).hasSize(8);

    sent.get(7).complete(SENT);
    assertThat(probe.result()).isEqualTo(SENT);
    assertThat(breaker.send(Messages.of(Transition.TRIGGERED)).isComplete()).isFalse();
    assertThat(sent).hasSize(9);
  }

  @Test
  void breaker_triesAgain_whenItsTryNeverEnds() {
    List<Message> sent = new ArrayList<>();
    Notifier dead =
        new Notifier() {
          @Override
          public String channel() {
            return "dead";
          }

          @Override
          public Future<Outcome> send(Message message) {
            sent.add(message);
            return sent.size() <= 5
                ? Future.succeededFuture(FAILED)
                : Promise.<Outcome>promise().future();
          }
        };
    Notifier breaker = new CircuitBreakerNotifier(dead, () -> now);
    for (int i = 0; i < 5; i++) {
      send(breaker);
    }
    pass(Duration.ofSeconds(5));
    assertThat(breaker.send(Messages.of(Transition.TRIGGERED)).isComplete()).isFalse();
    assertThat(send(breaker)).isInstanceOf(Outcome.Deferred.class);
    pass(Duration.ofSeconds(60));
    assertThat(breaker.send(Messages.of(Transition.TRIGGERED)).isComplete()).isFalse();
    assertThat(sent).hasSize(7);
  }

  @Test
  void breaker_staysClosed_whenMessagesAreRejected() {
    Notifier breaker = new CircuitBreakerNotifier(fake, () -> now);
    fake.next = new Outcome.Rejected(Reason.REJECTED, "bad");
    for (int i = 0; i < 20; i++) {
      assertThat(send(breaker)).isEqualTo(fake.next);
    }
  }

  @Test
  void bucket_letsABurstPass_thenARate() {
    Notifier limited = new RateLimitedNotifier(fake, 3, 60, () -> now);
    for (int i = 0; i < 3; i++) {
      assertThat(send(limited)).isEqualTo(SENT);
    }
    assertThat(send(limited))
        .isEqualTo(new Outcome.Deferred(Reason.THROTTLED, Duration.ofSeconds(1)));
    pass(Duration.ofMillis(400));
    assertThat(send(limited))
        .isEqualTo(new Outcome.Deferred(Reason.THROTTLED, Duration.ofMillis(600)));
    pass(Duration.ofMillis(600));
    assertThat(send(limited)).isEqualTo(SENT);
    pass(Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      assertThat(send(limited)).isEqualTo(SENT);
    }
    assertThat(send(limited)).isInstanceOf(Outcome.Deferred.class);
  }
}
