package dev.tocsin.alert.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.evaluate.group.GroupRun;
import dev.tocsin.alert.evaluate.group.Judgement;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.alert.rules.RuleGroups;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.rules.AlertingRule;
import dev.tocsin.promql.rules.Rule;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What the evaluation says of itself: a rule group like others, over a few series of its own, so
 * that it works when nothing else does. Each instance has it for itself; the label {@code instance}
 * tells whose alert it is.
 */
final class SelfWatch {
  /** Key of the group. */
  static final String GROUP = "tocsin/self";

  private static final String SOURCE = "tocsin";
  private static final String RESOURCE = "/dev/tocsin/alert/self-rules.yml";
  private static final long REMEMBERED_MS = 900_000;

  private final LoadedGroup group;
  private final PromqlEngine engine;
  private final String instance;
  private final Deque<Aside> asides = new ArrayDeque<>();

  private record Aside(long atMonotonicMs, long count) {}

  /**
   * What there is to say.
   *
   * @param settled whether this process has the rule groups it is to have
   * @param held whether nothing can be judged
   * @param outsized whether samples are left out because their labels are too long
   * @param aside statements about alerts put aside since the start
   */
  record Findings(
      boolean upToDate,
      boolean settled,
      boolean held,
      boolean deriveSilent,
      boolean windowFull,
      boolean outsized,
      long aside) {}

  SelfWatch(PromqlEngine engine, String instance) {
    this.engine = engine;
    this.instance = instance;
    this.group =
        new RuleGroups(Duration.ofSeconds(5)).read(new RuleGroupRecord(GROUP, SOURCE, rules()));
  }

  private static String rules() {
    try (InputStream in = SelfWatch.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(RESOURCE + " cannot be read", e);
    }
  }

  LoadedGroup group() {
    return group;
  }

  /** Whether a stored state is of this instance. */
  boolean ours(AlertStateRecord state) {
    return !state.ruleGroup().equals(GROUP) || instance.equals(state.labels().get("instance"));
  }

  GroupRun.Step evaluate(GroupRun run, Findings findings, long atMs, long monotonicMs) {
    InMemorySeriesSource series = new InMemorySeriesSource();
    append(series, "tocsin_evaluation_held", findings.held ? 1 : 0, atMs);
    append(series, "tocsin_derive_silent", findings.deriveSilent ? 1 : 0, atMs);
    append(series, "tocsin_window_refuses", findings.windowFull ? 1 : 0, atMs);
    append(series, "tocsin_window_labels_too_long", findings.outsized ? 1 : 0, atMs);
    append(
        series, "tocsin_alert_statements_put_aside", (double) lately(findings, monotonicMs), atMs);
    return run.evaluate(
        Instant.ofEpochMilli(atMs),
        new GroupRun.Queries() {
          @Override
          public List<Value.Sample> instant(Expr expr, Instant at) {
            long timeMs = at.toEpochMilli();
            Value value = engine.instant(series, expr, timeMs, QueryContext.create()).value();
            return value instanceof Value.InstantVector vector ? vector.samples() : List.of();
          }

          @Override
          public void made(List<GaugeSample> samples) {}
        },
        rule -> judgement(rule, findings));
  }

  /**
   * A window that is not filled yet has refused nothing yet, and neither has that of a process
   * without its groups. Rules with a hold time ask for what is known at once: guarded, what began
   * with the process would go on until it fires.
   */
  private static Judgement judgement(Rule rule, Findings findings) {
    boolean atOnce = rule instanceof AlertingRule alerting && alerting.forDuration().isZero();
    boolean known = findings.upToDate && (findings.settled || !atOnce);
    return known ? Judgement.FULL : Judgement.guarded("the live window is not up to date");
  }

  private void append(InMemorySeriesSource series, String metric, double value, long atMs) {
    series.append(Labels.of(Labels.METRIC_NAME, metric, "instance", instance), atMs, value);
  }

  /** How many were put aside in the last quarter of an hour. */
  private long lately(Findings findings, long monotonicMs) {
    if (asides.isEmpty() || asides.getLast().count != findings.aside) {
      asides.add(new Aside(monotonicMs, findings.aside));
    }
    while (asides.size() > 1 && monotonicMs - second().atMonotonicMs > REMEMBERED_MS) {
      asides.removeFirst();
    }
    return findings.aside - asides.getFirst().count;
  }

  private Aside second() {
    var all = asides.iterator();
    all.next();
    return all.next();
  }
}
