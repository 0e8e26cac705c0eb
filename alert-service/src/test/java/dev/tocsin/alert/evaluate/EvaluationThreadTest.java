package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.alert.evaluate.group.EvaluationSettings;
import dev.tocsin.alert.evaluate.group.GroupRun;
import dev.tocsin.alert.evaluate.group.Judgement;
import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.alert.rules.RuleGroups;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What health says of the thread that evaluates. */
class EvaluationThreadTest extends EvaluationFixture {
  private final AtomicLong nanos = new AtomicLong();
  private final Activity activity = new Activity(nanos::get);
  private final CountDownLatch published = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);

  private EvaluationThread thread(StateStore states, Publisher publisher) {
    RuleEvaluator evaluating = evaluation.evaluator(states, feed, publisher, meters, activity);
    return new EvaluationThread(
        evaluating, activity, publisher, ownership, InstantSource.fixed(instant(1)));
  }

  private static Health health(EvaluationThread thread) {
    return thread.check().result();
  }

  /** A Kafka that takes what it is given and does not answer. */
  private final class Hanging implements Publisher {
    @Override
    public Voice voice() {
      return this::announce;
    }

    private void announce(List<Notice> notices, List<AlertHeartbeat> heartbeats) {
      published.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void record(List<GaugeSample> samples) {}

    @Override
    public void settle() {}

    @Override
    public void close() {}
  }

  @Test
  void hangingTurn_isUnhealthy_andSaysWhatItHangsIn() throws Exception {
    define("file/g", group("- alert: Always\n  expr: vector(1)\n"));
    lastSecond = 1;
    EvaluationThread thread = thread(recorder, new Hanging());
    thread.start().await(1, TimeUnit.SECONDS);
    assertThat(published.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(health(thread)).isNotInstanceOf(Health.Unhealthy.class);
    nanos.addAndGet(Duration.ofSeconds(31).toNanos());
    assertThat(health(thread))
        .isEqualTo(
            Health.unhealthy("evaluation has not finished a turn for 31 s: publishing alerts"));
    answer.countDown();
    await().until(() -> !(health(thread) instanceof Health.Unhealthy));
    thread.stop().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void error_endsTheThreadVisibly() throws Exception {
    EvaluationThread thread =
        thread(
            (groups, reading) -> {
              throw new OutOfMemoryError("made up");
            },
            recorder);
    thread.start().await(1, TimeUnit.SECONDS);
    await().until(() -> health(thread) instanceof Health.Unhealthy);
    assertThat(health(thread).issues())
        .containsExactly(
            "no rule is evaluated any more: the thread has ended: java.lang.OutOfMemoryError: made up");
    thread.stop().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void ruleThatOverflowsTheStackOrFailsOddly_costsItselfOnly() {
    LoadedGroup rules =
        new RuleGroups(Duration.ofSeconds(1))
            .read(
                new RuleGroupRecord(
                    "file/g",
                    "file",
                    group(
                        """
                        - alert: Deep
                          expr: deep
                        - alert: Odd
                          expr: odd
                        - alert: Good
                          expr: good
                        """)));
    EvaluationSettings settings = options().settings();
    GroupRun.Step step =
        GroupRun.restored(rules, settings, List.of())
            .evaluate(
                instant(0),
                new GroupRun.Queries() {
                  @Override
                  public List<Value.Sample> instant(Expr expr, Instant at) {
                    if (expr.toString().contains("deep")) {
                      throw new StackOverflowError();
                    }
                    if (expr.toString().contains("odd")) {
                      throw new ArrayIndexOutOfBoundsException("7");
                    }
                    return List.of(new Value.Sample(Labels.empty(), at.toEpochMilli(), 1, null));
                  }

                  @Override
                  public void made(List<GaugeSample> samples) {}
                },
                rule -> Judgement.FULL);
    assertThat(step.next().view().rules())
        .extracting(RuleView::error)
        .containsExactly("nested too deep to be evaluated", "7", "");
    assertThat(step.publication().notices()).extracting(Notice::rule).containsExactly("Good");
    assertThat(step.trusted()).isFalse();
  }
}
