package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.AlertInstance.State;
import dev.tocsin.alert.evaluate.window.LiveWindow;
import dev.tocsin.alert.evaluate.window.Selection;
import dev.tocsin.common.otlp.SeriesSink.Kind;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.PromqlException;
import dev.tocsin.promql.QueryContext;
import dev.tocsin.promql.QueryResult;
import dev.tocsin.promql.StaleMarker;
import dev.tocsin.promql.Value;
import dev.tocsin.promql.ast.Expr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the owned rule groups slot by slot. Has no thread and no clock of its own: {@link #tick} is
 * told the time and called by one thread.
 */
final class Evaluator implements GroupRun.Queries {
  private static final Logger log = LoggerFactory.getLogger(Evaluator.class);

  /** The partition of the rules topic whose owner publishes {@code up} for everybody. */
  private static final int UP_PUBLISHER = 0;

  private static final long REPEAT_SAMPLES_MS = 15_000;
  private static final long WAIT_MS = 50;
  private static final long CATCH_UP_MAX_MS = 30_000;

  private final PromqlEngine engine;
  private final LiveWindow window;
  private final UpTracker up;
  private final OwnedGroups owned;
  private final WindowFeed feed;
  private final Publisher publisher;
  private final EvaluateMetrics metrics;
  private final long upIntervalMs;
  private final Map<String, Long> dueMs = new HashMap<>();
  private final Repetition published = new Repetition(REPEAT_SAMPLES_MS);
  private final Repetition upInWindow = new Repetition(REPEAT_SAMPLES_MS);
  private Selection followed = Selection.NONE;
  private Set<Labels> upSeries = new HashSet<>();
  private long upDueMs;
  private long windowResets;
  private long caughtUpResets;
  private long waitingSinceMs;
  private volatile String publishProblem = "";
  private volatile List<RuleView.Group> views = List.of();

  Evaluator(
      PromqlEngine engine,
      LiveWindow window,
      UpTracker up,
      OwnedGroups owned,
      WindowFeed feed,
      Publisher publisher,
      EvaluateMetrics metrics,
      long upIntervalMs) {
    this.engine = engine;
    this.window = window;
    this.up = up;
    this.owned = owned;
    this.feed = feed;
    this.publisher = publisher;
    this.metrics = metrics;
    this.upIntervalMs = upIntervalMs;
  }

  /** The owned groups after the last tick; from any thread. */
  List<RuleView.Group> views() {
    return views;
  }

  /** Why nothing can be published now; empty when all is well. From any thread. */
  String publishProblem() {
    return publishProblem;
  }

  /**
   * Does what is due.
   *
   * @return when to be called again
   */
  long tick(long nowMs) {
    if (owned.refresh()) {
      dueMs.keySet().retainAll(owned.runs().keySet());
      showViews();
      follow();
    }
    if (!feed.ready() || !caughtUp(nowMs)) {
      return nowMs + WAIT_MS;
    }
    window.prune(nowMs);
    Publication publication = new Publication();
    List<GroupRun> dismissed = List.copyOf(owned.dismissed());
    dismissed.forEach(run -> publication.add(run.dismissed(Instant.ofEpochMilli(nowMs))));
    boolean upDue = nowMs >= upDueMs;
    if (upDue) {
      publication.samples().addAll(up(slot(nowMs, upIntervalMs)));
      upDueMs = slot(nowMs, upIntervalMs) + upIntervalMs;
    }
    Map<String, GroupRun> next = evaluateDue(nowMs, publication);
    if (publish(publication)) {
      owned.advance(next, dismissed);
    }
    if (upDue || !next.isEmpty()) {
      showViews();
    }
    return nextDueMs(nowMs);
  }

  /**
   * After a long stop, derive first has to work off what came meanwhile; judging before that would
   * resolve alerts for want of data. Without any sign of derive the wait ends by itself.
   */
  private boolean caughtUp(long nowMs) {
    if (caughtUpResets == window.resets()) {
      return true;
    }
    waitingSinceMs = waitingSinceMs == 0 ? nowMs : waitingSinceMs;
    boolean fresh = window.reading(() -> up.pipelineFresh(nowMs));
    if (fresh || nowMs - waitingSinceMs > CATCH_UP_MAX_MS) {
      caughtUpResets = window.resets();
      waitingSinceMs = 0;
      return true;
    }
    return false;
  }

  private void follow() {
    Selection selection = owned.selection();
    if (!followed.covers(selection)) {
      followed = selection;
      feed.follow(selection);
    }
  }

  /** Groups that only record go first, so that others see their values of the same slot. */
  private Map<String, GroupRun> evaluateDue(long nowMs, Publication publication) {
    List<GroupRun> due = new ArrayList<>();
    for (GroupRun run : owned.runs().values()) {
      long interval = run.group().interval().toMillis();
      long slot = slot(nowMs, interval);
      Long dueAt = dueMs.put(run.group().key(), slot + interval);
      if (dueAt == null || nowMs >= dueAt) {
        due.add(run);
        metrics.missed(run.group().key(), dueAt == null ? 0 : (slot - dueAt) / interval);
      } else {
        dueMs.put(run.group().key(), dueAt);
      }
    }
    due.sort(
        Comparator.comparing((GroupRun run) -> !run.group().recordsOnly())
            .thenComparing(run -> run.group().key()));
    Map<String, GroupRun> next = new HashMap<>();
    for (GroupRun run : due) {
      long slot = slot(nowMs, run.group().interval().toMillis());
      GroupRun.Step step = run.evaluate(Instant.ofEpochMilli(slot), this);
      publication.add(step.publication());
      next.put(run.group().key(), step.next());
      metrics.evaluated(step.next().view());
    }
    return next;
  }

  private boolean publish(Publication all) {
    List<GaugeSample> samples = published.worthPassing(all.samples());
    all.samples().clear();
    all.samples().addAll(samples);
    if (all.isEmpty()) {
      return true;
    }
    try {
      publisher.publish(all);
    } catch (RuntimeException e) {
      metrics.publishFailed();
      if (publishProblem.isEmpty()) {
        log.warn("alerts cannot be published, the next tick tries again: {}", e.toString());
      }
      publishProblem = "alerts cannot be published: " + e.getMessage();
      return false;
    }
    if (!publishProblem.isEmpty()) {
      log.info("alerts are published again");
    }
    publishProblem = "";
    published.passed(samples);
    metrics.published(all);
    return true;
  }

  /** Makes {@code up} for the window, and for everybody when this instance is the one to do it. */
  private List<GaugeSample> up(long slotMs) {
    List<GaugeSample> samples = new ArrayList<>();
    Set<Labels> series = new HashSet<>();
    window.writing(
        () -> {
          for (UpTracker.Up one : up.at(slotMs)) {
            Labels labels =
                Labels.of(
                    Labels.METRIC_NAME,
                    "up",
                    "job",
                    one.target().job(),
                    "instance",
                    one.target().instance());
            series.add(labels);
            samples.add(new GaugeSample(labels, slotMs, one.up() ? 1 : 0));
          }
        });
    upSeries.stream()
        .filter(labels -> !series.contains(labels))
        .forEach(gone -> samples.add(new GaugeSample(gone, slotMs, StaleMarker.VALUE)));
    upSeries = series;
    if (windowResets != window.resets()) {
      windowResets = window.resets();
      upInWindow.clear();
    }
    List<GaugeSample> forWindow = upInWindow.worthPassing(samples);
    upInWindow.passed(forWindow);
    made(forWindow);
    return owned.partitions().contains(UP_PUBLISHER) ? samples : List.of();
  }

  @Override
  public List<Value.Sample> instant(Expr expr, Instant at) {
    long atMs = at.toEpochMilli();
    QueryResult result =
        window.reading(() -> engine.instant(window, expr, atMs, QueryContext.create()));
    if (result.value() instanceof Value.InstantVector vector) {
      return vector.samples();
    }
    if (result.value() instanceof Value.Scalar scalar) {
      return List.of(new Value.Sample(Labels.empty(), atMs, scalar.value(), null));
    }
    throw PromqlException.execution("rule result is not a vector or scalar");
  }

  @Override
  public void made(List<GaugeSample> samples) {
    window.writing(
        () -> {
          for (GaugeSample s : samples) {
            if (window.mayWant(s.labels().metricName())) {
              window.append(s.labels(), Kind.GAUGE, s.timeMs(), 0, s.value(), s.timeMs());
            }
          }
        });
  }

  private void showViews() {
    views = owned.runs().values().stream().map(GroupRun::view).toList();
    Map<State, Long> counts = new HashMap<>();
    for (State state : State.values()) {
      counts.put(state, owned.runs().values().stream().mapToLong(r -> r.count(state)).sum());
    }
    metrics.alerts(counts, owned.runs().size(), up.size());
  }

  private long nextDueMs(long nowMs) {
    long next = upDueMs;
    for (long due : dueMs.values()) {
      next = Math.min(next, due);
    }
    return owned.waiting() ? Math.min(next, nowMs + WAIT_MS * 10) : next;
  }

  private static long slot(long nowMs, long intervalMs) {
    return nowMs - Math.floorMod(nowMs, intervalMs);
  }
}
