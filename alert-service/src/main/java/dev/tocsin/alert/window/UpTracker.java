package dev.tocsin.alert.window;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Makes {@code up} out of heartbeats, because OTLP has none: 1 while an instance reports, 0 when it
 * has been silent for the timeout, nothing when it has been silent for so long that it is
 * forgotten, when it has been replaced, or when it had not reported for long enough to count:
 * whoever sends once, and ends, is missed by nobody.
 *
 * <p>Replaced means that another instance of the same job first reported after this one's last
 * heartbeat, or at most {@link #REPLACEMENT_OVERLAP_MS} before it: a rolling deployment starts the
 * new instance before it stops the old one, and must page nobody. The other one is alive, or has
 * been for long enough to count: then this one stays replaced when the other one dies, too.
 *
 * <p>While {@code derive} itself is silent nobody's silence means anything: judgement stands still,
 * and when it is back everybody who was up gets the whole timeout again; who was down stays down
 * until it reports.
 *
 * <p>Not thread-safe.
 */
public final class UpTracker {
  public static final long REPLACEMENT_OVERLAP_MS = 300_000;

  /** Clocks of machines differ by less. */
  static final long AHEAD_MS = 10_000;

  private final long timeoutMs;
  private final long forgetAfterMs;
  private final long settledAfterMs;
  private final long pipelineSilenceMs;
  private final int targetsMax;
  private final Map<Target, Seen> targets = new HashMap<>();

  /** Seconds in which derive worked, as far back as they matter; replays come out of order. */
  private final TreeSet<Long> aliveSeconds = new TreeSet<>();

  private long newestMs = Long.MIN_VALUE;
  private long refused;

  /** Whose up it is. */
  public record Target(String job, String instance) {}

  /** The value of one target's {@code up}. */
  public record Up(Target target, boolean up) {}

  /**
   * @param down whether it was found down, and has not reported since
   */
  private record Seen(long firstMs, long lastMs, boolean down) {
    Seen at(long atMs) {
      return new Seen(Math.min(firstMs, atMs), Math.max(lastMs, atMs), down && atMs <= lastMs);
    }

    Seen found(boolean isDown) {
      return isDown == down ? this : new Seen(firstMs, lastMs, isDown);
    }
  }

  /**
   * @param timeoutMs silence after which a target is down
   * @param forgetAfterMs silence after which its series ends
   * @param settledAfterMs for how long a target has to have reported before it can be down
   * @param pipelineSilenceMs without any heartbeat after which {@code derive} counts as stopped
   */
  public UpTracker(
      long timeoutMs,
      long forgetAfterMs,
      long settledAfterMs,
      long pipelineSilenceMs,
      int targetsMax) {
    this.timeoutMs = timeoutMs;
    this.forgetAfterMs = forgetAfterMs;
    this.settledAfterMs = settledAfterMs;
    this.pipelineSilenceMs = pipelineSilenceMs;
    this.targetsMax = targetsMax;
  }

  /** A target reported; times may come out of order. */
  public void heartbeat(String job, String instance, long atMs) {
    newestMs = Math.max(newestMs, atMs);
    Target target = new Target(job, instance);
    Seen seen = targets.get(target);
    if (seen != null) {
      targets.put(target, seen.at(atMs));
    } else if (targets.size() < targetsMax) {
      targets.put(target, new Seen(atMs, atMs, false));
    } else {
      refused++;
    }
  }

  /** {@code derive} worked and was not behind at that time; times may come out of order. */
  public void pipelineAlive(long atMs) {
    newestMs = Math.max(newestMs, atMs);
    aliveSeconds.add(atMs / 1_000);
    long oldest = aliveSeconds.last() - (timeoutMs + 2 * pipelineSilenceMs) / 1_000;
    aliveSeconds.headSet(oldest).clear();
  }

  /** Whether {@code derive} works and is not behind, as far as is known. */
  public boolean pipelineFresh(long nowMs) {
    return pipelineSilentMs(nowMs) <= pipelineSilenceMs;
  }

  /** For how long nothing has been heard of {@code derive}. */
  public long pipelineSilentMs(long nowMs) {
    return aliveSeconds.isEmpty() ? Long.MAX_VALUE : nowMs - aliveSeconds.last() * 1_000;
  }

  /**
   * For how long {@code derive} has been working without falling silent, up to its last sign of
   * life: after a silence it may say that it is well before it has seen what came meanwhile.
   */
  public long pipelineSteadyMs() {
    return aliveSeconds.isEmpty() ? 0 : aliveSeconds.last() * 1_000 - pipelineResumedMs();
  }

  /**
   * Whether something was heard at a time that lies ahead: the clock was set back since, be it
   * before this process began and read what others had written by then.
   */
  public boolean liesAhead(long nowMs) {
    return newestMs > nowMs + AHEAD_MS;
  }

  /**
   * What was heard at times that lie ahead was heard by now at the latest. Left as it is, a silence
   * would not be noticed before the clock has caught up.
   */
  public void bringToPresent(long nowMs) {
    newestMs = Math.min(newestMs, nowMs);
    if (aliveSeconds.removeIf(second -> second * 1_000 > nowMs)) {
      aliveSeconds.add(nowMs / 1_000);
    }
    targets.replaceAll(
        (target, seen) ->
            new Seen(Math.min(seen.firstMs, nowMs), Math.min(seen.lastMs, nowMs), seen.down));
  }

  /** The end of the last time derive was silent, or when it was first heard of. */
  private long pipelineResumedMs() {
    long silentSeconds = pipelineSilenceMs / 1_000;
    long later = aliveSeconds.last();
    for (long second : aliveSeconds.descendingSet()) {
      if (later - second > silentSeconds) {
        return later * 1_000;
      }
      later = second;
    }
    return later * 1_000;
  }

  /** {@code up} of every target that is not forgotten or replaced. */
  public List<Up> at(long nowMs) {
    if (targets.isEmpty() || aliveSeconds.isEmpty()) {
      return List.of();
    }
    long aliveMs = aliveSeconds.last() * 1_000;
    long judgedMs = nowMs - aliveMs > pipelineSilenceMs ? aliveMs : nowMs;
    long resumedMs = pipelineResumedMs();
    targets.values().removeIf(seen -> judgedMs - seen.lastMs > forgetAfterMs);
    targets.replaceAll((target, seen) -> seen.found(!isUp(seen, judgedMs, resumedMs)));
    Map<String, Long> newestStart = new HashMap<>();
    targets.forEach(
        (target, seen) -> {
          if (!seen.down || isSettled(seen)) {
            newestStart.merge(target.job, seen.firstMs, Math::max);
          }
        });
    List<Up> all = new ArrayList<>();
    targets.forEach(
        (target, seen) -> {
          Long start = newestStart.get(target.job);
          boolean replaced =
              start != null && start > seen.firstMs && start > seen.lastMs - REPLACEMENT_OVERLAP_MS;
          if (!seen.down || (isSettled(seen) && !replaced)) {
            all.add(new Up(target, !seen.down));
          }
        });
    return all;
  }

  private boolean isUp(Seen seen, long judgedMs, long resumedMs) {
    long heardMs = seen.down ? seen.lastMs : Math.max(seen.lastMs, resumedMs);
    return judgedMs - heardMs <= timeoutMs;
  }

  private boolean isSettled(Seen seen) {
    return seen.lastMs - seen.firstMs >= settledAfterMs;
  }

  public void clear() {
    newestMs = Long.MIN_VALUE;
    targets.clear();
    aliveSeconds.clear();
  }

  /** Targets known now. */
  public int size() {
    return targets.size();
  }

  /** Heartbeats left out because there are too many targets. */
  public long refused() {
    return refused;
  }
}
