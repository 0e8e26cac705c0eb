package dev.tocsin.incident.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.incident.Messages;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  private static final class Accepting implements Notifier {
    @Override
    public String channel() {
      return "slack";
    }

    @Override
    public Future<Outcome> send(Message message) {
      return Future.succeededFuture(new Outcome.Accepted("ok"));
    }
  }

  @Test
  void clock_goesOn_whenTheOneItBeganWithIsSetBack() {
    Deque<Instant> times = new ArrayDeque<>(List.of(NOW, NOW.minus(Duration.ofHours(5))));
    InstantSource steady = new SteadyClock(times::remove);
    Instant first = steady.instant();
    assertThat(first).isBetween(NOW, NOW.plusSeconds(60));
    assertThat(steady.instant()).isBetween(first, NOW.plusSeconds(60));
    // It has asked the other one once.
    assertThat(times).hasSize(1);
    Notifier limited = new RateLimitedNotifier(new Accepting(), 10, 60, steady);
    assertThat(limited.send(Messages.of(Transition.TRIGGERED)).result())
        .isInstanceOf(Outcome.Accepted.class);
  }
}
