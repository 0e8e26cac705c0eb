package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.alert.evaluate.group.AlertSize;
import dev.tocsin.alert.evaluate.group.GroupRun;
import dev.tocsin.alert.evaluate.group.Judgement;
import dev.tocsin.alert.evaluate.group.Publication;
import dev.tocsin.alert.evaluate.group.RuleTexts;
import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.alert.window.ClockWatch;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.Selection;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.rules.AlertingRule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the owned rule groups slot by slot. Has no thread and no clock of its own: {@link #tick} is
 * told the time and called by one thread.
 *
 * <p>A turn evaluates what is due and publishes: alerts first, in transactions of their own, then
 * the series that rules made. Groups that take long are run after all others, and what was found by
 * then is published before them, so that none waits for a slow one longer than that takes.
 */
final class RuleEvaluator implements Evaluation.Turns {
  private static final Logger log = LoggerFactory.getLogger(RuleEvaluator.class);

  /** The partition of the rules topic whose owner publishes {@code up} for everybody. */
  private static final int UP_PUBLISHER = 0;

  private static final String UP = "up";
  private static final long WAIT_MS = 50;
  private static final long HELD_INTERVAL_MS = 1_000;
  private static final long HEARTBEAT_MS = 15_000;

  /** What has been found for so long is published before anything else is looked for. */
  private static final long SLICE_MS = 500;

  private static final long TURN_MS = 2_000;

  /** A group that takes so long is named in health, however seldom it is due. */
  private static final long LATE_MS = RuleTexts.ANNOTATIONS_MS;

  private final LiveWindow window;
  private final UpTracker up;
  private final OwnedGroups owned;
  private final WindowFeed feed;
  private final Judge judge;
  private final SelfWatch self;
  private final Publisher publisher;
  private final Announcer announcer;
  private final SampleOutlet outlet;
  private final EvaluateMetrics metrics;
  private final Activity activity;
  private final WindowQueries queries;
  private final UpSeries upSeries;
  private final EvaluateOptions options;
  private final ClockWatch clock = new ClockWatch();
  private final SlotSchedule schedule = new SlotSchedule();
  private final SlotSchedule heldSchedule = new SlotSchedule();
  private final Set<String> lateOnce = new HashSet<>();

  /** Keys of groups; read by any thread. */
  private volatile Set<String> lateAgain = Set.of();

  private final SlotSchedule heartbeats = new SlotSchedule();
  private final Map<String, List<GaugeSample>> samples = new LinkedHashMap<>();
  private Selection followed = Selection.NONE;
  private Dependencies dependencies = Dependencies.of(List.of());
  private final Map<String, String> broken = new ConcurrentHashMap<>();
  private volatile long blindSinceMs = -1;
  private volatile String heldProblem = "";
  private volatile List<RuleView.Group> views = List.of();

  RuleEvaluator(
      EvaluateOptions options,
      Evaluation.Inputs inputs,
      OwnedGroups owned,
      SelfWatch self,
      PromqlEngine engine,
      Publisher publisher,
      EvaluateMetrics metrics,
      Activity activity) {
    this.options = options;
    this.window = inputs.window();
    this.up = inputs.up();
    this.feed = inputs.feed();
    this.owned = owned;
    this.self = self;
    this.metrics = metrics;
    this.activity = activity;
    this.judge = new Judge(window, up, feed, 2 * options.pipelineSilence().toMillis() / 3);
    this.publisher = publisher;
    this.announcer = new Announcer(metrics);
    this.outlet = new SampleOutlet(publisher, metrics);
    this.queries = new WindowQueries(engine, window, metrics, activity);
    this.upSeries = new UpSeries(window, up);
  }

  /** The owned groups after the last tick; from any thread. */
  List<RuleView.Group> views() {
    return views;
  }

  /** Why nothing can be published now; empty when all is well. From any thread. */
  String publishProblem() {
    return announcer.problem();
  }

  @Override
  public List<String> problems() {
    List<String> all = new ArrayList<>();
    all.add(announcer.problem());
    all.addAll(announcer.refusals());
    all.add(owned.problem());
    all.add(heldProblem);
    all.add(outlet.problem());
    all.addAll(broken.values());
    views.stream()
        .filter(view -> lateAgain.contains(view.group().key()))
        .map(RuleEvaluator::late)
        .forEach(all::add);
    return all.stream().filter(problem -> !problem.isEmpty()).toList();
  }

  /** Since when, by the monotonic clock, nothing could be judged; empty while it can. */
  OptionalLong blindSinceMs() {
    long since = blindSinceMs;
    return since < 0 ? OptionalLong.empty() : OptionalLong.of(since);
  }

  @Override
  public long tick(long nowMs, long monotonicMs) {
    long beganMs = activity.millis();
    window.lookAtClock(nowMs, monotonicMs);
    long step = clock.step(nowMs, monotonicMs);
    if (step != 0) {
      clockSet(step, nowMs, monotonicMs);
    }
    activity.doing("reading the states of rule groups");
    if (owned.refresh()) {
      broken.clear();
      lateOnce.clear();
      lateAgain = Set.of();
      schedule.retain(owned.all().stream().map(run -> run.group().key()).toList());
      dependencies = owned.dependencies();
      showViews();
      follow();
    }
    // Reading states may have taken long, and others have gone on meanwhile.
    long readMs = nowMs + activity.millis() - beganMs;
    for (GroupRun run : owned.takenOver()) {
      run.firingAt().forEach(at -> judge.takenOver(at, readMs, monotonicMs));
    }
    if (window.reading(() -> up.liesAhead(nowMs))) {
      window.writing(() -> up.bringToPresent(nowMs));
    }
    window.prune(nowMs);
    judge.observe(nowMs, monotonicMs);
    heldProblem = judge.problem();
    blindSinceMs = !judge.holdsAll() ? -1 : blindSinceMs < 0 ? monotonicMs : blindSinceMs;
    List<GroupRun.Step> steps = new ArrayList<>();
    guarded("the ends of deleted alerts", () -> dismiss(nowMs));
    guarded(UP, () -> up(nowMs));
    boolean evaluated = judge.holdsAll() ? hold(nowMs, steps) : evaluateDue(nowMs, steps);
    guarded(SelfWatch.GROUP, () -> watch(nowMs, monotonicMs, steps));
    publish(steps, nowMs);
    activity.doing("publishing recorded series");
    guarded("recorded series", () -> outlet.publish(samples, nowMs));
    samples.clear();
    if (evaluated) {
      showViews();
    }
    return nextDueMs(nowMs);
  }

  /** What goes wrong with one part of a turn leaves the others alone. */
  private void guarded(String what, Runnable part) {
    String problem;
    try {
      part.run();
      broken.remove(what);
      return;
    } catch (StackOverflowError e) {
      problem = what + ": nested too deep";
      reportBroken(what, problem, e);
    } catch (RuntimeException e) {
      problem = what + ": " + e;
      reportBroken(what, problem, e);
    }
    broken.put(what, AlertSize.cut(problem, 500));
  }

  private void reportBroken(String what, String problem, Throwable failure) {
    if (!broken.containsKey(what)) {
      log.error("{}; it is tried again with each turn", problem, failure);
    }
  }

  private void clockSet(long step, long nowMs, long monotonicMs) {
    log.warn(
        "the clock was set by {} ms; alerts do not end until the window is the new one's", step);
    metrics.clockSet();
    owned.shift(Duration.ofMillis(step));
    judge.clockSet(monotonicMs);
    schedule.reset();
    heldSchedule.reset();
    heartbeats.reset();
    if (step < 0) {
      window.writing(() -> up.bringToPresent(nowMs));
    }
  }

  private void follow() {
    Selection selection = owned.selection();
    if (!followed.covers(selection)) {
      followed = selection;
      feed.follow(selection);
    }
  }

  /** The alerts of groups that are deleted. */
  private void dismiss(long nowMs) {
    Publisher.Voice voice = publisher.voice();
    List<GroupRun> dismissed =
        owned.dismissed().stream().filter(run -> owned.isOurs(run.group().key())).toList();
    if (dismissed.isEmpty()) {
      return;
    }
    List<GroupRun.Step> steps = new ArrayList<>();
    Instant at = Instant.ofEpochMilli(nowMs);
    dismissed.forEach(run -> steps.add(run.dismissed(at)));
    activity.doing("publishing the ends of deleted alerts");
    Announcer.Outcome outcome =
        announcer.announce(
            voice, steps.stream().map(GroupRun.Step::publication).toList(), List.of());
    for (int i = 0; i < steps.size(); i++) {
      String key = dismissed.get(i).group().key();
      if (!outcome.undecided().contains(key)) {
        GroupRun next = steps.get(i).next();
        owned.dismissalDone(next.without(outcome.unpublished(key), dismissed.get(i)));
        collect(steps.get(i).publication());
      }
    }
    undecided(outcome);
  }

  private void up(long nowMs) {
    long intervalMs = options.interval().toMillis();
    if (!schedule.due(UP, intervalMs, nowMs) || judge.holdsAll()) {
      return;
    }
    schedule.done(UP, intervalMs, nowMs);
    long slot = SlotSchedule.slot(nowMs, intervalMs);
    List<GaugeSample> all = upSeries.at(slot);
    queries.made(upSeries.forWindow(all, slot));
    if (owned.partitions().contains(UP_PUBLISHER)) {
      samples.computeIfAbsent(UP, group -> new ArrayList<>()).addAll(all);
    }
  }

  /** Nothing is judged; what fires is repeated all the same. The groups stay due. */
  private boolean hold(long nowMs, List<GroupRun.Step> steps) {
    Judgement held = judge.of(Dependencies.Reads.ANYTHING);
    for (GroupRun run : owned.running()) {
      String key = run.group().key();
      if (heldSchedule.due(key, HELD_INTERVAL_MS, nowMs)) {
        heldSchedule.done(key, HELD_INTERVAL_MS, nowMs);
        long slot = SlotSchedule.slot(nowMs, HELD_INTERVAL_MS);
        guarded(
            key, () -> steps.add(run.evaluate(Instant.ofEpochMilli(slot), queries, rule -> held)));
        metrics.held(key);
      }
    }
    return !steps.isEmpty();
  }

  private boolean evaluateDue(long nowMs, List<GroupRun.Step> steps) {
    boolean any = false;
    long began = activity.millis();
    long sliceBegan = began;
    for (GroupRun run : due(nowMs)) {
      long elapsed = activity.millis() - began;
      if (elapsed > TURN_MS) {
        break;
      }
      if (activity.millis() - sliceBegan > SLICE_MS) {
        publish(steps, nowMs);
        sliceBegan = activity.millis();
      }
      guarded(run.group().key(), () -> steps.add(evaluate(run, nowMs)));
      any = true;
    }
    return any;
  }

  /**
   * Groups that only record go first, so that others see their values of the same slot; but a group
   * that takes long goes last, and of those the one that has waited longest first.
   */
  private List<GroupRun> due(long nowMs) {
    List<GroupRun> due = new ArrayList<>();
    for (GroupRun run : owned.running()) {
      LoadedGroup group = run.group();
      if (schedule.due(group.key(), group.interval().toMillis(), nowMs)) {
        due.add(run);
      }
    }
    Comparator<GroupRun> order =
        Comparator.comparing(RuleEvaluator::isSlow)
            .thenComparing(run -> isSlow(run) ? schedule.since(run.group().key()) : 0L)
            .thenComparing(run -> !run.group().recordsOnly())
            .thenComparing(run -> run.group().key());
    due.sort(order);
    return due;
  }

  /** Whether a group takes more time than it has, or than the others can wait. */
  private static boolean isLate(RuleView.Group view) {
    double tookMs = view.evaluationSeconds() * 1_000;
    return tookMs >= LATE_MS || (tookMs > SLICE_MS && tookMs > view.group().interval().toMillis());
  }

  private static String late(RuleView.Group view) {
    return "rule group %s takes %.1f s of its interval of %s; all others wait for it meanwhile"
        .formatted(
            AlertSize.cut(view.group().key(), 200),
            view.evaluationSeconds(),
            seconds(view.group().interval()));
  }

  private static String seconds(Duration interval) {
    return interval.toMillis() % 1_000 == 0
        ? interval.toSeconds() + " s"
        : interval.toMillis() + " ms";
  }

  private static boolean isSlow(GroupRun run) {
    return run.view().evaluationSeconds() * 1_000 > SLICE_MS;
  }

  private GroupRun.Step evaluate(GroupRun run, long nowMs) {
    LoadedGroup group = run.group();
    long intervalMs = group.interval().toMillis();
    metrics.missed(group.key(), schedule.missed(group.key(), intervalMs, nowMs));
    schedule.done(group.key(), intervalMs, nowMs);
    Instant at = Instant.ofEpochMilli(SlotSchedule.at(nowMs, intervalMs));
    queries.begin(group.key(), 2 * options.engine().timeout().toMillis());
    GroupRun.Step step = run.evaluate(at, queries, rule -> judge.of(dependencies.of(group, rule)));
    metrics.evaluated(step.next().view());
    boolean late = isLate(step.next().view());
    if (late) {
      metrics.slow(group.key());
    }
    rememberLate(group.key(), late);
    return step;
  }

  /** Once may be a pause of the process; what is late twice in a row is too slow. */
  private void rememberLate(String key, boolean late) {
    boolean again = late && !lateOnce.add(key);
    if (!late) {
      lateOnce.remove(key);
    }
    if (again != lateAgain.contains(key)) {
      Set<String> next = new HashSet<>(lateAgain);
      if (again) {
        next.add(key);
      } else {
        next.remove(key);
      }
      lateAgain = Set.copyOf(next);
    }
  }

  /** Looks at itself. */
  private void watch(long nowMs, long monotonicMs, List<GroupRun.Step> steps) {
    Optional<GroupRun> run = owned.watching();
    long intervalMs = self.group().interval().toMillis();
    if (run.isEmpty() || !schedule.due(SelfWatch.GROUP, intervalMs, nowMs)) {
      return;
    }
    schedule.done(SelfWatch.GROUP, intervalMs, nowMs);
    boolean anyGroup = !owned.all().isEmpty();
    SelfWatch.Findings findings =
        new SelfWatch.Findings(
            judge.upToDate(),
            judge.settled(),
            judge.holdsAll() || (anyGroup && owned.waiting()),
            judge.deriveSilentMs() > 0,
            judge.lacksRoom(),
            judge.lacksOutsized(),
            metrics.noticesAside());
    long slot = SlotSchedule.slot(nowMs, intervalMs);
    steps.add(self.evaluate(run.get(), findings, slot, monotonicMs));
  }

  private void publish(List<GroupRun.Step> steps, long nowMs) {
    // What became somebody else's meanwhile is theirs to say, and what does from here on too.
    Publisher.Voice voice = publisher.voice();
    steps.removeIf(step -> !owned.isOurs(step.publication().group()));
    if (steps.isEmpty()) {
      return;
    }
    activity.doing("publishing alerts");
    List<AlertHeartbeat> beats = new ArrayList<>();
    steps.forEach(step -> heartbeat(step, nowMs).ifPresent(beats::add));
    Announcer.Outcome outcome =
        announcer.announce(voice, steps.stream().map(GroupRun.Step::publication).toList(), beats);
    Map<String, GroupRun> before = new HashMap<>();
    owned.running().forEach(run -> before.put(run.group().key(), run));
    owned.watching().ifPresent(run -> before.put(SelfWatch.GROUP, run));
    for (GroupRun.Step step : steps) {
      String key = step.publication().group();
      GroupRun run = before.get(key);
      if (run == null || outcome.undecided().contains(key)) {
        continue;
      }
      List<Notice> unpublished = outcome.unpublished(key);
      boolean nothing =
          !unpublished.isEmpty() && unpublished.size() == step.publication().notices().size();
      if (nothing) {
        continue;
      }
      owned.advance(step.next().without(unpublished, run));
      collect(step.publication());
    }
    for (AlertHeartbeat beat : beats) {
      if (outcome.wentWell(beat.ruleGroup()) && announcer.problem().isEmpty()) {
        heartbeats.done(beat.ruleGroup(), heartbeatMs(), nowMs);
      }
    }
    undecided(outcome);
    steps.clear();
  }

  private Optional<AlertHeartbeat> heartbeat(GroupRun.Step step, long nowMs) {
    LoadedGroup group = step.next().group();
    boolean alerting = group.rules().stream().anyMatch(rule -> rule instanceof AlertingRule);
    Instant at = step.next().view().evaluatedAt();
    if (!alerting
        || !step.trusted()
        || at == null
        || !heartbeats.due(group.key(), heartbeatMs(), nowMs)) {
      return Optional.empty();
    }
    return Optional.of(new AlertHeartbeat(group.key(), options.instance(), at));
  }

  private long heartbeatMs() {
    return Math.min(HEARTBEAT_MS, Math.max(1, options.settings().resendInterval().toMillis()));
  }

  private void collect(Publication publication) {
    if (!publication.samples().isEmpty()) {
      samples
          .computeIfAbsent(publication.group(), group -> new ArrayList<>())
          .addAll(publication.samples());
    }
  }

  private void undecided(Announcer.Outcome outcome) {
    if (!outcome.undecided().isEmpty()) {
      metrics.readBack();
      owned.undecided(outcome.undecided());
    }
  }

  private void showViews() {
    List<GroupRun> runs = owned.all();
    List<RuleView.Group> shown = new ArrayList<>(runs.stream().map(GroupRun::view).toList());
    owned.watching().map(GroupRun::view).filter(RuleEvaluator::hasAlerts).ifPresent(shown::add);
    announcer.keep(runs.stream().map(run -> run.group().key()).toList());
    views = List.copyOf(shown);
    Map<State, Long> counts = new HashMap<>();
    for (State state : State.values()) {
      counts.put(state, runs.stream().mapToLong(run -> run.count(state)).sum());
    }
    metrics.alerts(counts, runs.size(), up.size());
  }

  private static boolean hasAlerts(RuleView.Group view) {
    return view.rules().stream().anyMatch(rule -> !rule.alerts().isEmpty());
  }

  private long nextDueMs(long nowMs) {
    if (judge.holdsAll()) {
      return nowMs + WAIT_MS;
    }
    return owned.waiting() ? nowMs + WAIT_MS : schedule.next(nowMs + options.interval().toMillis());
  }
}
