package dev.tocsin.ingest.receive;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.otlp.wire.FirstCase;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people of items that could be read but not stored: senders drop a partial success unread as
 * often as not. One log line a minute, signal and reason, and a note on {@code /health} until ten
 * minutes have gone without. Bounded; thread-safe.
 */
public final class UnstorableWatch implements Component {
  private static final Logger log = LoggerFactory.getLogger(UnstorableWatch.class);
  private static final Duration LOG_EVERY = Duration.ofMinutes(1);
  private static final Duration NOTE_FOR = Duration.ofMinutes(10);

  private final InstantSource clock;
  private final Map<Signal, Map<Rejection, Episode>> episodes = new EnumMap<>(Signal.class);

  public UnstorableWatch(InstantSource clock) {
    this.clock = clock;
  }

  /** Rejections of one kind with less than {@link #NOTE_FOR} between them. */
  private static final class Episode {
    private long items;
    private long unlogged;
    private Instant lastAt = Instant.MIN;
    private Instant loggedAt = Instant.MIN;
    private String last = "";
  }

  /**
   * @param sender the key and the user agent
   */
  synchronized void saw(
      Signal signal, Rejection rejection, int items, FirstCase first, String sender) {
    Instant now = clock.instant();
    Episode episode =
        episodes
            .computeIfAbsent(signal, each -> new EnumMap<>(Rejection.class))
            .computeIfAbsent(rejection, each -> new Episode());
    if (isOver(episode, now)) {
      episode.items = 0;
    }
    episode.items += items;
    episode.unlogged += items;
    episode.lastAt = now;
    episode.last =
        "service '%s' (%s): %s: %s; expected: %s"
            .formatted(first.service(), sender, first.cause(), first.example(), first.expected());
    if (episode.loggedAt.isBefore(now.minus(LOG_EVERY))) {
      log.warn(
          "{} {} rejected as {}, the last of {}",
          episode.unlogged,
          items(signal),
          rejection.label(),
          episode.last);
      episode.loggedAt = now;
      episode.unlogged = 0;
    }
  }

  private static String items(Signal signal) {
    return switch (signal) {
      case TRACES -> "spans";
      case METRICS -> "data points";
      case LOGS -> "log records";
      case PROFILES -> "profiles";
    };
  }

  private static boolean isOver(Episode episode, Instant now) {
    return episode.lastAt.isBefore(now.minus(NOTE_FOR));
  }

  @Override
  public String name() {
    return "unstorable-items";
  }

  @Override
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<Health> check() {
    Instant now = clock.instant();
    Health health = Health.healthy();
    for (Map.Entry<Signal, Map<Rejection, Episode>> signal : episodes.entrySet()) {
      for (Map.Entry<Rejection, Episode> each : signal.getValue().entrySet()) {
        Episode episode = each.getValue();
        if (!isOver(episode, now)) {
          String note =
              "%d %s rejected as %s, the last at %s of %s"
                  .formatted(
                      episode.items,
                      items(signal.getKey()),
                      each.getKey().label(),
                      episode.lastAt,
                      episode.last);
          health = health.and(Health.noted(note));
        }
      }
    }
    return Future.succeededFuture(health);
  }
}
