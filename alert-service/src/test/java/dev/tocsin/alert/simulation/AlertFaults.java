package dev.tocsin.alert.simulation;

import dev.tocsin.testkit.sim.SimFaults;
import dev.tocsin.testkit.sim.SimGroup;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.SimThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Does harm to evaluating processes, and notes when. */
final class AlertFaults {
  private static final Duration BETWEEN_MAX = Duration.ofMinutes(3);

  /** Longer than rules look back. */
  private static final Duration OUTAGE_MAX = Duration.ofMinutes(9);

  private static final Duration FLAKY_MAX = Duration.ofMinutes(1);
  private static final Duration DOWN_MAX = Duration.ofMinutes(2);
  private static final Duration COMMIT_MAX = Duration.ofSeconds(14);
  private static final Duration STEP_MAX = Duration.ofHours(1);

  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final SimGroup group;
  private final SimThreads threads;
  private final List<AlertProcess> processes;
  private final FaultTimes times = new FaultTimes();
  private final FaultTimes clockSteps = new FaultTimes();
  private final List<Harm> chosen = new ArrayList<>();
  private boolean over;
  private FaultTimes.Fault blind = times.begin(0);
  private int down;

  /** How often the wall clock was set. */
  private int steps;

  private enum Harm {
    KAFKA_DOWN,
    KAFKA_FLAKY,
    REBALANCE,
    EXPEL,
    CRASH,
    STOP,
    PAUSE,
    SLOW_COMMIT,
    CLOCK
  }

  AlertFaults(
      SimScheduler scheduler,
      SimKafka kafka,
      SimGroup group,
      SimThreads threads,
      List<AlertProcess> processes) {
    this.scheduler = scheduler;
    this.kafka = kafka;
    this.group = group;
    this.threads = threads;
    this.processes = List.copyOf(processes);
    for (Harm harm : Harm.values()) {
      if (scheduler.chance(0.35)) {
        chosen.add(harm);
      }
    }
    scheduler.trace().add("harm: " + chosen);
    blind.end(0);
    kafka.amidTransactions(this::amidTransaction);
  }

  /** When anything was wrong, but for the wall clock. */
  FaultTimes times() {
    return times;
  }

  /** When the wall clock was set. */
  FaultTimes clockSteps() {
    return clockSteps;
  }

  void begin() {
    times.moment(scheduler.nanoTime());
    if (!chosen.isEmpty()) {
      scheduler.after(scheduler.upTo(BETWEEN_MAX), this::next);
    }
  }

  private void next() {
    if (!over) {
      harm(chosen.get(scheduler.pick(chosen.size())));
      scheduler.after(scheduler.upTo(BETWEEN_MAX), this::next);
    }
  }

  private void harm(Harm harm) {
    scheduler.trace().add("at " + scheduler.elapsed() + ": " + harm);
    AlertProcess process = processes.get(scheduler.pick(processes.size()));
    switch (harm) {
      case KAFKA_DOWN -> kafkaFor(SimFaults.DOWN, scheduler.upTo(OUTAGE_MAX));
      case KAFKA_FLAKY ->
          kafkaFor(SimFaults.flaky(0.02 + 0.01 * scheduler.pick(40)), scheduler.upTo(FLAKY_MAX));
      case REBALANCE -> {
        times.moment(scheduler.nanoTime());
        group.rebalance();
      }
      case EXPEL -> {
        times.moment(scheduler.nanoTime());
        group.expel();
      }
      case CRASH -> restart(process, process::crash);
      case STOP -> restart(process, process::stop);
      case PAUSE -> pause(process, scheduler.upTo(OUTAGE_MAX));
      case SLOW_COMMIT -> times.moment(scheduler.nanoTime());
      case CLOCK -> {
        Duration by = scheduler.upTo(STEP_MAX);
        clockSteps.moment(scheduler.nanoTime());
        steps++;
        scheduler.stepWallClock(scheduler.chance(0.5) ? by : by.negated());
      }
    }
  }

  private void kafkaFor(SimFaults faults, Duration time) {
    FaultTimes.Fault fault = times.begin(scheduler.nanoTime());
    kafka.faults(faults);
    scheduler.after(
        time,
        () -> {
          kafka.faults(SimFaults.NONE);
          fault.end(scheduler.nanoTime());
        });
  }

  private void restart(AlertProcess process, Runnable ending) {
    if (process.runs() && !process.pauses()) {
      away();
      ending.run();
      scheduler.after(scheduler.upTo(DOWN_MAX), () -> back(process));
    }
  }

  private void pause(AlertProcess process, Duration time) {
    if (process.runs() && !process.pauses()) {
      away();
      process.pause(time);
      int stepsBefore = steps;
      scheduler.after(
          time,
          () -> {
            if (!over && steps > stepsBefore) {
              // Whoever slept through it notices only now that the clock was set.
              clockSteps.moment(scheduler.nanoTime());
            }
            back(process);
          });
    }
  }

  /** One process less; that is a fault for a moment only while another one works. */
  private void away() {
    times.moment(scheduler.nanoTime());
    if (++down == processes.size()) {
      blind = times.begin(scheduler.nanoTime());
    }
  }

  private void back(AlertProcess process) {
    if (!over) {
      process.start();
      down--;
      times.moment(scheduler.nanoTime());
      blind.end(scheduler.nanoTime());
    }
  }

  private void amidTransaction() {
    if (!over && chosen.contains(Harm.SLOW_COMMIT) && scheduler.chance(0.02)) {
      FaultTimes.Fault fault = times.begin(scheduler.nanoTime());
      try {
        threads.pass(scheduler.upTo(COMMIT_MAX));
      } finally {
        fault.end(scheduler.nanoTime());
      }
    }
  }

  /** Ends all harm and starts whoever does not run. */
  void heal() {
    over = true;
    times.endAll(scheduler.nanoTime());
    kafka.faults(SimFaults.NONE);
    if (steps > 0 && processes.stream().anyMatch(AlertProcess::pauses)) {
      clockSteps.moment(scheduler.nanoTime());
    }
    processes.forEach(AlertProcess::resume);
    processes.forEach(AlertProcess::start);
    scheduler.trace().add("healed");
  }
}
