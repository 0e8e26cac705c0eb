package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.AlertSize;
import dev.tocsin.alert.evaluate.group.Judgement;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says how far what a rule finds is to be trusted: whether the window holds what was said up to
 * now. What is missing because this process stood still, because Kafka was away, because derive is
 * behind, because there is no room, because labels are too long or because the clock was set, must
 * not be taken for silence.
 *
 * <p>While the window is behind nothing is judged: alerts stay as they are and are repeated. That
 * is bounded, because a page that comes too late is lost: a window that is being filled for longer
 * than {@link #HELD_MAX_MS}, and a derive that stays silent, only keep alerts from ending. Only
 * when nothing can be read from Kafka at all is nothing judged for as long as that lasts.
 *
 * <p>Durations are measured by a monotonic clock. Used by the evaluation thread only.
 */
final class Judge {
  /** A window that lacks no more than this is up to date. */
  static final long BEHIND_MS = 10_000;

  static final long HELD_MAX_MS = 300_000;

  /** After a gap, derive is given this long to work off what came meanwhile. */
  static final long DERIVE_WAIT_MS = 30_000;

  /**
   * After a window was behind for longer than {@link #BEHIND_MS}, senders are given this long to be
   * heard again: as a rule they could not say anything either.
   */
  static final long SENDERS_WAIT_MS = 60_000;

  /**
   * Kafka takes a member that says nothing for dead after 45 s, and then the groups have to join.
   */
  static final long OWNERSHIP_WAIT_MS = 120_000;

  private static final long STALLED_MS = 30_000;
  private static final long GUARD_AFTER_STEP_MAX_MS = 3_600_000;

  private final LiveWindow window;
  private final UpTracker up;
  private final WindowFeed feed;
  private final long deriveSettleMs;

  private long nowMonotonicMs;
  private long beganMs = Long.MAX_VALUE;
  private boolean behind = true;
  private long behindSinceMs = Long.MAX_VALUE;
  private long sendersWaitUntilMs = Long.MIN_VALUE;
  private boolean filled;
  private long lagMs;
  private long records = -1;
  private long recordsChangedMs;
  private long heldSinceMs;
  private boolean held;
  private long deriveWaitUntilMs;
  private boolean deriveFresh;
  private boolean deriveSteady;
  private long deriveSilentMs;
  private long guardUntilMs = Long.MIN_VALUE;
  private boolean hiddenByOldClock;
  private LiveWindow.Lack noRoom = LiveWindow.Lack.NONE;
  private LiveWindow.Lack outsized = LiveWindow.Lack.NONE;

  /** Put into words once a turn, as every rule may ask for them; empty when nothing is missing. */
  private String roomReason = "";

  private String outsizedReason = "";
  private Set<String> derived = Set.of();

  /**
   * @param deriveSettleMs for how long derive has to work without falling silent before its silence
   *     about something counts
   */
  Judge(LiveWindow window, UpTracker up, WindowFeed feed, long deriveSettleMs) {
    this.window = window;
    this.up = up;
    this.feed = feed;
    this.deriveSettleMs = deriveSettleMs;
  }

  /** The clock was set: what was put in by the old one is not where the new one looks. */
  void clockSet(long monotonicMs) {
    guardFrom(monotonicMs);
  }

  private void guardFrom(long monotonicMs) {
    long lookedBackMs = Math.min(GUARD_AFTER_STEP_MAX_MS, window.rangeMs());
    guardUntilMs = Math.max(guardUntilMs, monotonicMs + lookedBackMs);
  }

  /**
   * An alert was taken over from whoever had it before. When what they last said of it lies ahead,
   * the clock was set back since. A process that has just begun has heard nobody: whether senders
   * could say anything before it came it cannot know.
   *
   * @param firingAt when it was last said to fire
   */
  void takenOver(Instant firingAt, long nowMs, long monotonicMs) {
    beganMs = Math.min(beganMs, monotonicMs);
    if (firingAt.toEpochMilli() - nowMs > BEHIND_MS) {
      // If that was since we began, it was noticed then.
      guardFrom(beganMs);
    }
    sendersWaitUntilMs = Math.max(sendersWaitUntilMs, beganMs + SENDERS_WAIT_MS);
  }

  /** Looks at how things are now. */
  void observe(long nowMs, long monotonicMs) {
    nowMonotonicMs = monotonicMs;
    beganMs = Math.min(beganMs, monotonicMs);
    WindowFeed.Fill fill = feed.fill();
    filled = fill.filled();
    hiddenByOldClock = isHiddenByOldClock(fill, nowMs);
    lagMs = Math.abs(nowMs - fill.throughMs());
    if (fill.records() != records) {
      records = fill.records();
      recordsChangedMs = monotonicMs;
    }
    boolean stalled = monotonicMs - recordsChangedMs > STALLED_MS;
    boolean wasBehind = behind;
    behind = !filled || lagMs > BEHIND_MS;
    if (behind) {
      // The time nothing could be done in does not count.
      heldSinceMs = !wasBehind || !held || stalled ? monotonicMs : heldSinceMs;
      held = true;
      // This process may have stood still meanwhile, and looks only now.
      long lacksMs = filled ? lagMs : 0;
      behindSinceMs = Math.min(behindSinceMs, monotonicMs - lacksMs);
      deriveWaitUntilMs = monotonicMs + DERIVE_WAIT_MS;
    } else {
      held = false;
      if (behindSinceMs < monotonicMs - BEHIND_MS) {
        sendersWaitUntilMs = monotonicMs + SENDERS_WAIT_MS;
      }
      behindSinceMs = Long.MAX_VALUE;
    }
    window.reading(
        () -> {
          deriveFresh = up.pipelineFresh(nowMs);
          deriveSteady = up.pipelineSteadyMs() >= deriveSettleMs;
          deriveSilentMs = Math.max(0, up.pipelineSilentMs(nowMs));
          return deriveFresh;
        });
    noRoom = window.lack();
    outsized = window.outsized();
    roomReason =
        noRoom.isNone() ? "" : "the live window has no room for samples of " + names(noRoom);
    outsizedReason =
        outsized.isNone()
            ? ""
            : "the live window leaves out samples with labels of more than %d characters, of %s"
                .formatted(PrometheusSeries.LABELS_CHARS_MAX, names(outsized));
    derived = window.derivedMetrics();
  }

  /**
   * Whether a process that filled its window after the clock had been set back may still see what
   * the old clock said last: what is said by the new one is hidden by it, until the clock has
   * caught up and senders have been heard again.
   */
  private static boolean isHiddenByOldClock(WindowFeed.Fill fill, long nowMs) {
    return fill.wentBackFromMs() != WindowFeed.Fill.NEVER
        && Math.abs(nowMs - fill.wentBackFromMs()) < SENDERS_WAIT_MS;
  }

  /** Whether the window holds what was said up to now. */
  boolean upToDate() {
    return !behind;
  }

  /**
   * Whether this process has been there for long enough to have its rule groups. Kafka waits before
   * it gives away what a process had that died, and until then a window of nothing is up to date.
   */
  boolean settled() {
    return nowMonotonicMs - beganMs >= OWNERSHIP_WAIT_MS;
  }

  /** Whether nothing at all can be judged now. */
  boolean holdsAll() {
    return behind && nowMonotonicMs - heldSinceMs <= HELD_MAX_MS;
  }

  Judgement of(Dependencies.Reads reads) {
    if (holdsAll()) {
      return Judgement.held(behindReason());
    }
    if (behind) {
      return incomplete(reads, behindReason());
    }
    if (!(deriveFresh && deriveSteady) && readsDerived(reads)) {
      boolean wait = !deriveFresh && nowMonotonicMs < deriveWaitUntilMs;
      return wait ? Judgement.held(deriveReason()) : incomplete(reads, deriveReason());
    }
    if (nowMonotonicMs < sendersWaitUntilMs) {
      return incomplete(reads, "senders are given time to be heard again after a gap");
    }
    if (nowMonotonicMs < guardUntilMs || hiddenByOldClock) {
      return Judgement.guarded("the clock was set");
    }
    if (isMissing(noRoom, reads)) {
      return incomplete(reads, roomReason);
    }
    return isMissing(outsized, reads) ? incomplete(reads, outsizedReason) : Judgement.FULL;
  }

  /** What is missing is no silence to begin by, either. */
  private static Judgement incomplete(Dependencies.Reads reads, String reason) {
    return reads.absence() ? Judgement.held(reason) : Judgement.guarded(reason);
  }

  private static boolean isMissing(LiveWindow.Lack lack, Dependencies.Reads reads) {
    return !lack.isNone() && (reads.anything() || reads.metrics().stream().anyMatch(lack::of));
  }

  private boolean readsDerived(Dependencies.Reads reads) {
    return reads.anything() || reads.metrics().stream().anyMatch(this::isDerived);
  }

  private boolean isDerived(String metric) {
    return metric.equals("up")
        || metric.startsWith("traces_span_metrics_")
        || metric.startsWith("traces_service_metrics_")
        || metric.startsWith("tocsin_")
        || derived.contains(metric);
  }

  private String behindReason() {
    return filled
        ? "the live window lacks the last " + lagMs / 1_000 + " s"
        : "the live window is being filled";
  }

  private String deriveReason() {
    return deriveFresh
        ? "derive has only just begun to work again"
        : "derive is silent or behind" + since(deriveSilentMs);
  }

  private static String since(long silentMs) {
    return silentMs == Long.MAX_VALUE ? "" : ", for " + silentMs / 1_000 + " s";
  }

  private static String names(LiveWindow.Lack lack) {
    int others = lack.metrics().size() - 3;
    return lack.metrics().stream().sorted().limit(3).map(Judge::shown).toList()
        + (others > 0 ? " and others" : "");
  }

  private static String shown(String metric) {
    return metric.isEmpty() ? "a metric without a name" : AlertSize.cut(metric, 200);
  }

  /** For how long derive has been silent while everything it said was read; 0 when it is not. */
  long deriveSilentMs() {
    return behind || deriveFresh ? 0 : deriveSilentMs;
  }

  boolean lacksRoom() {
    return !noRoom.isNone();
  }

  boolean lacksOutsized() {
    return !outsized.isNone();
  }

  /** Why not all is judged as it should be; empty when it is. */
  String problem() {
    if (behind) {
      return "rules are not judged: " + behindReason();
    }
    if (!deriveFresh) {
      return "alerts on what derive makes do not end: " + deriveReason();
    }
    String missing =
        Stream.of(roomReason, outsizedReason)
            .filter(reason -> !reason.isEmpty())
            .collect(Collectors.joining("; "));
    return missing.isEmpty() ? "" : "alerts do not end: " + missing;
  }
}
