package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.incident.domain.Relevance;
import dev.tocsin.incident.domain.RetryPolicy;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outbox;
import dev.tocsin.incident.ports.Outcome;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the notifications of one channel; channels do not wait for each other. Claims what is
 * due, asks again whether it is still wanted, sends, and writes down how it went.
 *
 * <p>Notifications leave in the order in which they were written. When one is held back, those
 * claimed with it go back unsent, and nothing is claimed before all of them are back in their
 * places.
 */
final class Dispatcher implements Component {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration SLEEP_MAX = Duration.ofSeconds(5);
  private static final Duration SLEEP_MIN = Duration.ofMillis(20);
  private static final long STOP_WAIT_MS = 20_000;

  /** A page that has waited for so long is late, whatever holds it back. */
  private static final Duration LATE_AFTER = Duration.ofMinutes(1);

  /** For writing down how a delivery went. */
  private static final long SETTLE_MAX_MS = 60_000;

  private final Notifier notifier;
  private final Outbox outbox;
  private final RetryPolicy retries;
  private final Duration lease;
  private final int inFlightMax;
  private final InstantSource clock;
  private final MeterRegistry metrics;
  private final Vertx vertx;
  private final Pump pump;
  private final AtomicInteger depth = new AtomicInteger();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger goingBack = new AtomicInteger();
  private final Insistence insistence;

  /**
   * What providers took while it could not be written down, by notification: when their lease ends
   * they are claimed again, and must not be sent again. No more at a time than are in flight; what
   * another instance has claimed meanwhile is forgotten when nothing is open any more.
   */
  private final Map<Long, Outcome.Accepted> takenAlready = new ConcurrentHashMap<>();

  private final Map<Long, Long> sendingSinceNanos = new ConcurrentHashMap<>();
  private final Promise<Void> drained = Promise.promise();
  private volatile long pausedUntilMs;
  private volatile long countedAtMs;

  /** How many to claim at once: one after something was held back, and then more and more. */
  private volatile int window;

  private volatile boolean stopping;
  private volatile Health waiting = Health.healthy();

  Dispatcher(
      Vertx vertx,
      Notifier notifier,
      Outbox outbox,
      RetryPolicy retries,
      Duration lease,
      int inFlightMax,
      InstantSource clock,
      MeterRegistry metrics) {
    this.vertx = vertx;
    this.notifier = notifier;
    this.outbox = outbox;
    this.retries = retries;
    this.lease = lease;
    this.inFlightMax = inFlightMax;
    this.window = inFlightMax;
    this.insistence = new Insistence(vertx, lease);
    this.clock = clock;
    this.metrics = metrics;
    this.pump = new Pump(name(), vertx, SLEEP_MAX, this::turn);
    Gauge.builder("tocsin.outbox.depth", depth, AtomicInteger::get)
        .tag("channel", notifier.channel())
        .register(metrics);
  }

  @Override
  public String name() {
    return "dispatch-" + notifier.channel();
  }

  @Override
  public Future<Void> start() {
    return pump.start();
  }

  void wake() {
    pump.wake();
  }

  private Future<Duration> turn() {
    long pauseMs = pausedUntilMs - clock.millis();
    if (pauseMs > 0) {
      return Future.succeededFuture(Duration.ofMillis(pauseMs));
    }
    int room = Math.min(window, inFlightMax - inFlight.get());
    if (room <= 0 || goingBack.get() > 0) {
      return Future.succeededFuture(SLEEP_MAX);
    }
    return outbox
        .claim(notifier.channel(), room, lease)
        .compose(
            claims -> {
              begin(claims);
              // A full claim is followed by another as soon as there is room again.
              boolean counted = clock.millis() - countedAtMs < SLEEP_MAX.toMillis();
              return claims.size() == room && counted
                  ? Future.succeededFuture(SLEEP_MAX)
                  : untilNext();
            });
  }

  private Future<Duration> untilNext() {
    return outbox
        .backlog(notifier.channel())
        .map(
            backlog -> {
              depth.set(backlog.open());
              if (backlog.open() == 0) {
                takenAlready.clear();
              }
              countedAtMs = clock.millis();
              waiting = waiting(backlog);
              Duration wait = backlog.untilNext().orElse(SLEEP_MAX);
              return wait.compareTo(SLEEP_MIN) < 0 ? SLEEP_MIN : wait;
            });
  }

  /** Degraded while a destination, our own rate or a breaker keeps something for long. */
  private Health waiting(Outbox.Backlog backlog) {
    if (notifier.channel().equals(KAFKA) || backlog.oldest().compareTo(LATE_AFTER) <= 0) {
      return Health.healthy();
    }
    Duration next = backlog.untilNext().filter(wait -> !wait.isNegative()).orElse(Duration.ZERO);
    return Health.degraded(
        "%s: %d waiting, the oldest for %d s; held until %s: %s"
            .formatted(
                notifier.channel(),
                backlog.open(),
                backlog.oldest().toSeconds(),
                clock.instant().plus(next).truncatedTo(ChronoUnit.SECONDS),
                backlog.reason().isEmpty() ? "not tried yet" : backlog.reason()));
  }

  /** Sends without waiting: each end makes room and wakes the pump. */
  private void begin(List<Outbox.Claim> claims) {
    Optional<Outcome.Deferred> held = Optional.empty();
    for (Outbox.Claim claim : claims) {
      if (held.isEmpty()) {
        held = begin(claim);
      } else {
        // Behind the one that is held back; that one alone holds back what is not claimed yet.
        goBack(claim, held.get().reason(), Duration.ZERO);
      }
    }
    window = held.isPresent() ? 1 : Math.min(inFlightMax, window * 2);
  }

  /** Why it was held back; empty when it was not. */
  private Optional<Outcome.Deferred> begin(Outbox.Claim claim) {
    Outcome.Accepted taken = takenAlready.get(claim.message().notificationId());
    if (taken != null) {
      track(claim, accepted(claim, taken));
      return Optional.empty();
    }
    Optional<String> superseded =
        notifier.channel().equals(KAFKA)
            ? Optional.empty()
            : Relevance.superseded(
                claim.message().transition(), claim.message().incident().status(), claim.paged());
    if (superseded.isPresent()) {
      count("superseded", Outcome.Reason.SUPERSEDED.text());
      track(claim, insistence.on(() -> outbox.superseded(claim, superseded.get())));
      return Optional.empty();
    }
    Future<Outcome> sent = send(claim);
    if (sent.succeeded() && sent.result() instanceof Outcome.Deferred deferred) {
      pause(deferred);
      goBack(claim, deferred.reason(), held(deferred));
      return Optional.of(deferred);
    }
    track(claim, sent.compose(outcome -> settle(claim, outcome)));
    return Optional.empty();
  }

  private void pause(Outcome.Deferred deferred) {
    pausedUntilMs = Math.max(pausedUntilMs, clock.millis() + deferred.delay().toMillis());
  }

  /** A breaker is ours alone: what it holds back, another instance may send. */
  private static Duration held(Outcome.Deferred deferred) {
    return deferred.reason() == Outcome.Reason.THROTTLED ? deferred.delay() : Duration.ZERO;
  }

  private void goBack(Outbox.Claim claim, Outcome.Reason reason, Duration wait) {
    goingBack.incrementAndGet();
    observe(
        claim,
        insistence.on(() -> outbox.deferred(claim, reason, wait)),
        () -> goingBack.decrementAndGet());
  }

  private void track(Outbox.Claim claim, Future<Boolean> settled) {
    long id = claim.message().notificationId();
    inFlight.incrementAndGet();
    sendingSinceNanos.put(id, System.nanoTime());
    observe(
        claim,
        settled,
        () -> {
          sendingSinceNanos.remove(id);
          inFlight.decrementAndGet();
        });
  }

  private void observe(Outbox.Claim claim, Future<Boolean> settled, Runnable done) {
    settled
        .timeout(lease.toMillis() + SETTLE_MAX_MS, TimeUnit.MILLISECONDS)
        .onFailure(
            e ->
                log.warn(
                    "notification {} on {} stays leased: {}",
                    claim.message().notificationId(),
                    notifier.channel(),
                    String.valueOf(e.getMessage())))
        .onComplete(
            ended -> {
              done.run();
              if (isIdle() && stopping) {
                drained.tryComplete();
              }
              pump.wake();
            });
  }

  private boolean isIdle() {
    return inFlight.get() == 0 && goingBack.get() == 0;
  }

  static final String KAFKA = "kafka";

  /** No answer within the lease is none: by then the message is sent again. */
  private Future<Outcome> send(Outbox.Claim claim) {
    Future<Outcome> sent;
    try {
      sent = notifier.send(claim.message());
    } catch (RuntimeException e) {
      sent = Future.failedFuture(e);
    }
    return sent.isComplete()
        ? sent.otherwise(Dispatcher::unanswered)
        : sent.timeout(lease.toMillis(), TimeUnit.MILLISECONDS).otherwise(Dispatcher::unanswered);
  }

  private static Outcome unanswered(Throwable failure) {
    return failure instanceof TimeoutException
        ? new Outcome.Retry(Outcome.Reason.TIMEOUT, "no answer within the lease")
        : new Outcome.Retry(Outcome.Reason.INTERNAL, String.valueOf(failure));
  }

  private Future<Boolean> settle(Outbox.Claim claim, Outcome outcome) {
    String channel = notifier.channel();
    if (outcome instanceof Outcome.Accepted accepted) {
      count("accepted", "");
      takenAlready.put(claim.message().notificationId(), accepted);
      return accepted(claim, accepted);
    }
    if (outcome instanceof Outcome.Deferred deferred) {
      pause(deferred);
      return insistence.on(() -> outbox.deferred(claim, deferred.reason(), held(deferred)));
    }
    if (outcome instanceof Outcome.Rejected rejected) {
      return refused(claim, rejected);
    }
    Outcome.Retry retry = (Outcome.Retry) outcome;
    Optional<Duration> next = retries.next(claim.attempt(), retry.after(), claim.age());
    if (next.isEmpty() && !channel.equals(KAFKA)) {
      return dead(claim, Outcome.Reason.EXPIRED, retry.reason().text() + ": " + retry.detail());
    }
    count("retried", retry.reason().text());
    Duration wait = next.orElse(Duration.ofSeconds(60));
    return insistence.on(() -> outbox.retry(claim, retry.reason(), retry.detail(), wait));
  }

  private Future<Boolean> accepted(Outbox.Claim claim, Outcome.Accepted accepted) {
    return insistence
        .on(() -> outbox.accepted(claim, notifier.channel(), accepted.detail()))
        .onSuccess(written -> takenAlready.remove(claim.message().notificationId()));
  }

  /** What may be an error of somebody in between, or was the last hope, is tried for a while. */
  private Future<Boolean> refused(Outbox.Claim claim, Outcome.Rejected rejected) {
    Optional<Duration> next = retries.afterRefusal(claim.attempt(), claim.age());
    if (next.isPresent() && rejected.doubtful()) {
      count("retried", rejected.reason().text());
      return insistence.on(
          () -> outbox.retry(claim, Outcome.Reason.PROVIDER_ERROR, rejected.detail(), next.get()));
    }
    boolean page = claim.message().transition().page() && !notifier.channel().equals(KAFKA);
    if (next.isEmpty() || !page) {
      return dead(claim, rejected.reason(), rejected.detail());
    }
    return insistence
        .on(
            () ->
                outbox.refused(
                    claim, notifier.channel(), rejected.reason(), rejected.detail(), next.get()))
        .onSuccess(
            again -> {
              if (again) {
                count("retried", rejected.reason().text());
              } else {
                died(claim, rejected.reason(), rejected.detail());
              }
            });
  }

  private Future<Boolean> dead(Outbox.Claim claim, Outcome.Reason reason, String detail) {
    died(claim, reason, detail);
    return insistence.on(() -> outbox.dead(claim, notifier.channel(), reason, detail));
  }

  private void died(Outbox.Claim claim, Outcome.Reason reason, String detail) {
    log.warn(
        "notification {} of incident {} on {} is dead: {}: {}",
        claim.message().notificationId(),
        claim.message().incident().id(),
        notifier.channel(),
        reason.text(),
        detail);
    count("dead", reason.text());
  }

  private void count(String outcome, String reason) {
    metrics
        .counter(
            "tocsin.notifications",
            "channel",
            notifier.channel(),
            "outcome",
            outcome,
            "reason",
            reason)
        .increment();
  }

  /** Claims no more and waits for what is being sent; what does not end stays leased. */
  @Override
  public Future<Void> stop() {
    stopping = true;
    return pump.stop()
        .compose(
            stopped -> {
              if (isIdle()) {
                drained.tryComplete();
              }
              long timer = vertx.setTimer(STOP_WAIT_MS, t -> drained.tryComplete());
              return drained.future().onComplete(done -> vertx.cancelTimer(timer));
            });
  }

  /** Unhealthy also while a delivery takes longer than any may; tells how the destination is. */
  @Override
  public Future<Health> check() {
    long nowNanos = System.nanoTime();
    Duration longest =
        Duration.ofNanos(
            sendingSinceNanos.values().stream().mapToLong(s -> nowNanos - s).max().orElse(0));
    Health sending =
        longest.compareTo(lease) > 0
            ? Health.unhealthy(
                name() + ": one delivery has been under way for " + longest.toSeconds() + " s")
            : Health.healthy();
    return pump.check().map(sending.and(notifier.health()).and(waiting)::and);
  }
}
