package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.window.LiveWindow;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.promql.PromqlEngine;
import java.util.List;

/** Evaluation put together over its ports. */
public final class Evaluation {
  private final Ownership ownership = new Ownership();
  private final LiveWindow window;
  private final UpTracker up;
  private final EvaluateOptions options;
  private final ServiceContext context;

  public Evaluation(EvaluateOptions options, ServiceContext context) {
    this.options = options;
    this.context = context;
    this.window = new LiveWindow(options.window());
    this.up =
        new UpTracker(
            options.heartbeatTimeout().toMillis(),
            options.forgetAfter().toMillis(),
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
    return options.forgetAfter().toMillis() + 2 * UpTracker.REPLACEMENT_OVERLAP_MS;
  }

  /** The evaluating thread over the given adapters. */
  public Running running(StateStore states, WindowFeed feed, Publisher publisher) {
    OwnedGroups owned =
        new OwnedGroups(
            ownership,
            states,
            new RuleGroups(options.interval()),
            options.settings(),
            options.engine().lookback());
    Evaluator evaluator =
        new Evaluator(
            new PromqlEngine(options.engine()),
            window,
            up,
            owned,
            feed,
            publisher,
            new EvaluateMetrics(context.metrics(), window),
            options.interval().toMillis());
    return new Running(
        new EvaluationThread(evaluator, publisher, ownership, context.clock()), evaluator);
  }

  /** What runs, and what it knows. */
  public static final class Running {
    private final Component thread;
    private final Evaluator evaluator;

    private Running(Component thread, Evaluator evaluator) {
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
