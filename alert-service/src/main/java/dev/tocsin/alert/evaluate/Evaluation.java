package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.alert.rules.Ownership;
import dev.tocsin.alert.rules.RuleGroups;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.promql.PromqlEngine;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.LongSupplier;

/** Evaluation put together over its ports. */
public final class Evaluation {
  private final Ownership ownership;
  private final LiveWindow window;
  private final UpTracker up;
  private final EvaluateOptions options;

  public Evaluation(EvaluateOptions options) {
    this(options, new Ownership());
  }

  public Evaluation(EvaluateOptions options, Ownership ownership) {
    this.options = options;
    this.ownership = ownership;
    this.window = new LiveWindow(options.window());
    this.up =
        new UpTracker(
            options.heartbeatTimeout().toMillis(),
            options.forgetAfter().toMillis(),
            options.settledAfter().toMillis(),
            options.pipelineSilence().toMillis(),
            options.upTargetsMax());
  }

  /** To be told which groups are owned. */
  public Ownership ownership() {
    return ownership;
  }

  /** To be filled with samples. */
  public LiveWindow window() {
    return window;
  }

  /** To be told of heartbeats, within the window's {@code writing}. */
  public UpTracker up() {
    return up;
  }

  /** How far back heartbeats tell who is down and who has been replaced. */
  public long heartbeatHistoryMs() {
    long before = Math.max(options.settledAfter().toMillis(), UpTracker.REPLACEMENT_OVERLAP_MS);
    return options.forgetAfter().toMillis() + before + UpTracker.REPLACEMENT_OVERLAP_MS;
  }

  /** Evaluation without a thread and a clock of its own. One thread at a time may drive it. */
  public interface Turns {
    /**
     * Does what is due.
     *
     * @param nowMs by the wall clock
     * @param monotonicMs by a clock that is never set
     * @return when to be called again, by the wall clock
     */
    long tick(long nowMs, long monotonicMs);

    /** What is not as it should be, one sentence each; from any thread. */
    List<String> problems();
  }

  /** What the evaluator reads. */
  record Inputs(LiveWindow window, UpTracker up, WindowFeed feed) {}

  /**
   * Evaluation to be driven by the caller.
   *
   * @param nanoTime tells how long something takes
   */
  public Turns turns(
      StateStore states,
      WindowFeed feed,
      Publisher publisher,
      MeterRegistry metrics,
      LongSupplier nanoTime) {
    return evaluator(states, feed, publisher, metrics, new Activity(nanoTime));
  }

  RuleEvaluator evaluator(
      StateStore states,
      WindowFeed feed,
      Publisher publisher,
      MeterRegistry registry,
      Activity activity) {
    PromqlEngine engine = new PromqlEngine(options.engine());
    SelfWatch self = new SelfWatch(engine, options.instance());
    OwnedGroups owned =
        new OwnedGroups(
            ownership,
            states,
            new RuleGroups(options.interval()),
            options.settings(),
            options.engine().lookback(),
            self,
            publisher::settle);
    return new RuleEvaluator(
        options,
        new Inputs(window, up, feed),
        owned,
        self,
        engine,
        publisher,
        new EvaluateMetrics(registry, window),
        activity);
  }

  /** The evaluating thread over the given adapters. */
  public Running running(
      StateStore states, WindowFeed feed, Publisher publisher, ServiceContext context) {
    Activity activity = new Activity(System::nanoTime);
    RuleEvaluator evaluator = evaluator(states, feed, publisher, context.metrics(), activity);
    return new Running(
        new EvaluationThread(evaluator, activity, publisher, ownership, context.clock()),
        evaluator);
  }

  /** What runs, and what it knows. */
  public static final class Running {
    private final Component thread;
    private final RuleEvaluator evaluator;

    private Running(Component thread, RuleEvaluator evaluator) {
      this.thread = thread;
      this.evaluator = evaluator;
    }

    public Component component() {
      return thread;
    }

    /** The owned groups and their alerts as of the last evaluation; from any thread. */
    public List<RuleView.Group> groups() {
      return evaluator.views();
    }
  }
}
