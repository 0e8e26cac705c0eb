package dev.tocsin.alert.simulation;

import dev.tocsin.alert.evaluate.EvaluateOptions;
import dev.tocsin.alert.evaluate.Evaluation;
import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.publish.KafkaPublisher;
import dev.tocsin.alert.rules.Ownership;
import dev.tocsin.alert.rules.follow.Membership;
import dev.tocsin.alert.rules.follow.RulesWork;
import dev.tocsin.alert.service.Followers;
import dev.tocsin.alert.window.fill.SampleFeed;
import dev.tocsin.alert.window.fill.SampleWork;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordKernel;
import dev.tocsin.common.kafka.RecordTurns;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.testkit.sim.SimConsumer;
import dev.tocsin.testkit.sim.SimGroup;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.SimThreads;
import dev.tocsin.testkit.sim.SimWorld;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The evaluating half of an alert-service as {@link Followers} and the evaluation thread make it:
 * three threads over the real works, the real evaluator and its publisher.
 */
final class AlertProcess {
  private static final int RECORDS_PER_POLL_MAX = 500;

  /** Longer than in a service, for the sake of those who wait for the simulation. */
  private static final Duration POLL = Duration.ofMillis(600);

  private static final long PAUSE_MIN_MS = 100;
  private static final Duration PAUSE_MAX = Duration.ofSeconds(1);
  private static final Duration WAKE_MAX = Duration.ofMillis(20);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration STATES_MAX = Duration.ofMillis(600);

  private final SimWorld world;
  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final SimThreads threads;
  private final EvaluateOptions options;
  private final SimConsumer rules;
  private final SimConsumer samples;
  private final SimGroup nobodys;
  private @Nullable Life life;
  private long pausedUntilNanos;

  AlertProcess(SimWorld world, EvaluateOptions options) {
    this.world = world;
    this.scheduler = world.scheduler();
    this.kafka = world.kafka();
    this.threads = world.threads();
    this.options = options;
    this.rules = world.consumer(options.instance() + "-rules", () -> living().rules());
    this.samples = world.consumer(options.instance() + "-samples", () -> living().samples());
    this.nobodys = kafka.group(options.instance(), false);
  }

  private Life living() {
    Life now = life;
    if (now == null) {
      throw new IllegalStateException(options.instance() + " does not run");
    }
    return now;
  }

  boolean runs() {
    return life != null;
  }

  boolean pauses() {
    return pausedUntilNanos > scheduler.nanoTime();
  }

  void start() {
    if (life == null) {
      Life born = new Life();
      life = born;
      pausedUntilNanos = 0;
      born.next(Duration.ZERO);
      samples.start();
      rules.start();
    }
  }

  void crash() {
    if (life != null) {
      living().isOver = true;
      life = null;
      rules.crash();
      samples.crash();
    }
  }

  /** In order: groups are let go while the evaluation can still publish. */
  void stop() {
    Life ending = life;
    if (ending != null) {
      rules.stop();
      samples.stop();
      ending.isOver = true;
      life = life == ending ? null : life;
    }
  }

  /** As a process that gets no processor for a while. */
  void pause(Duration time) {
    rules.pause(time);
    samples.pause(time);
    pausedUntilNanos = scheduler.nanoTime() + time.toNanos();
  }

  void resume() {
    rules.resume();
    samples.resume();
    pausedUntilNanos = 0;
  }

  List<String> problems() {
    return living().turns.problems();
  }

  /** What a process has until it ends. */
  private final class Life {
    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private final AtomicReference<Membership> membership = new AtomicReference<>(Membership.NONE);
    private final SampleFeed feed = new SampleFeed();
    private final Evaluation evaluation;
    private final SampleWork.WindowState window;
    private final Evaluation.Turns turns;
    private boolean isOver;
    private boolean isTicking;
    private boolean isWoken;
    private long ticket;

    Life() {
      Ownership ownership =
          new Ownership(
              (changed, nanos) -> {
                threads.pass(LOOK);
                return nanos - LOOK.toNanos();
              });
      evaluation = new Evaluation(options, ownership);
      window =
          new SampleWork.WindowState(
              feed,
              evaluation.window(),
              evaluation.up(),
              scheduler,
              scheduler::nanoTime,
              evaluation.heartbeatHistoryMs(),
              IdentifyingAttributes.DEFAULT);
      Publisher publisher =
          new KafkaPublisher(
              kafka.transactions("tocsin-alert-evaluate-" + options.instance()), membership::get);
      turns =
          evaluation.turns(
              new SimStateStore(kafka, () -> threads.pass(scheduler.upTo(STATES_MAX))),
              feed,
              publisher,
              metrics,
              scheduler::nanoTime);
      ownership.onChange(this::wake);
    }

    SimConsumer.Life rules() {
      return consumer(
          "rules",
          PartitionChoice.shared(List.of(Topic.RULES.name())),
          () -> new RulesWork(evaluation.ownership(), membership::set),
          world.group());
    }

    SimConsumer.Life samples() {
      return consumer(
          "samples",
          PartitionChoice.all(List.of(Topic.METRICS.name(), Topic.DERIVED.name())),
          () -> new SampleWork(window),
          nobodys);
    }

    private SimConsumer.Life consumer(
        String name, PartitionChoice intake, Supplier<Work> works, SimGroup group) {
      RecordKernel kernel =
          new RecordKernel(
              name, intake, works, Aside.counting(metrics), metrics, scheduler::nanoTime);
      RecordTurns taking =
          new RecordTurns(
              name, kernel, () -> kafka.source(group, RECORDS_PER_POLL_MAX), scheduler::nanoTime);
      return new SimConsumer.Life(taking, () -> POLL);
    }

    private void wake() {
      if (isTicking) {
        isWoken = true;
      } else {
        next(scheduler.upTo(WAKE_MAX));
      }
    }

    private void next(Duration delay) {
      long mine = ++ticket;
      scheduler.after(delay, () -> tick(mine));
    }

    private void tick(long mine) {
      if (isOver || mine != ticket) {
        return;
      }
      long pauseNanos = pausedUntilNanos - scheduler.nanoTime();
      if (pauseNanos > 0) {
        next(Duration.ofNanos(Math.min(pauseNanos, SimConsumer.PAUSE_LOOK.toNanos())));
        return;
      }
      isTicking = true;
      isWoken = false;
      AtomicReference<Duration> pause = new AtomicReference<>(Duration.ZERO);
      if (inThread(() -> pause.set(tick()))) {
        isTicking = false;
        next(isWoken ? Duration.ZERO : pause.get());
      }
    }

    private boolean inThread(SimThreads.Body body) {
      try {
        return threads.run(() -> !isOver, body);
      } catch (Exception e) {
        throw new IllegalStateException("a turn of the evaluation failed", e);
      }
    }

    private Duration tick() {
      long monotonicMs = TimeUnit.NANOSECONDS.toMillis(scheduler.nanoTime());
      long nextMs = turns.tick(scheduler.millis(), monotonicMs);
      long pauseMs = Math.min(PAUSE_MAX.toMillis(), nextMs - scheduler.millis());
      return Duration.ofMillis(Math.max(PAUSE_MIN_MS, pauseMs));
    }
  }
}
