package dev.tocsin.alert.derive;

import dev.tocsin.alert.derive.DeriveRecords.Derived;
import dev.tocsin.alert.derive.DeriveRecords.Temper;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.testkit.sim.Nemesis.Harm;
import dev.tocsin.testkit.sim.Quiet;
import dev.tocsin.testkit.sim.SimAside;
import dev.tocsin.testkit.sim.SimConsumer;
import dev.tocsin.testkit.sim.SimCourse;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimLedger;
import dev.tocsin.testkit.sim.SimRecord;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.SimWorld;
import dev.tocsin.testkit.sim.Simulations.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Derive's own work over a Kafka in memory where everything goes wrong: members die between flush
 * and commit, transactions are aborted, or committed without an answer. Each record counts once in
 * what is derived, or is put aside.
 */
final class DeriveSimulation {
  private static final List<String> SOURCES =
      List.of(Topic.SPANS.name(), Topic.METRICS.name(), Topic.LOGS.name());

  private static final Set<Harm> HARM =
      EnumSet.complementOf(EnumSet.of(Harm.DATABASE_DOWN, Harm.DATABASE_FLAKY));

  private static final Duration CALM_AFTER_CHOKING = Duration.ofMinutes(20);

  /** By then no other record fails any more. */
  private static final Duration BYSTANDERS = SimCourse.HARM.plusMinutes(12);

  private static final int RECORDS_PER_POLL_MAX = 2_000;
  private static final Duration COMMIT_MAX = Duration.ofSeconds(14);
  private static final Duration DOWN_MAX = Duration.ofSeconds(20);
  private static final long OWN_BEAT_AGE_MAX_MS = 15_000;

  private final SimWorld world;
  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final SimLedger ledger;
  private final DeriveRecords records;
  private final DeriveOptions options;
  private final Bystanders bystanders;
  private final List<SimConsumer> members = new ArrayList<>();
  private final double slowCommits;
  private final double deaths;

  private DeriveSimulation(long seed) {
    world =
        new SimWorld(
            seed, "tocsin-alert-derive", SOURCES, 3, () -> new IOException("simulated: no use"));
    scheduler = world.scheduler();
    kafka = world.kafka();
    ledger = world.ledger();
    records = new DeriveRecords(scheduler);
    bystanders = new Bystanders(scheduler, this::writeOne);
    kafka.create(Topic.DERIVED.name(), 1 + scheduler.pick(3));
    Duration heartbeats = scheduler.chance(0.5) ? Duration.ofSeconds(5) : Duration.ofMillis(1);
    options =
        new DeriveOptions(
            "it", 1, Duration.ofMillis(200), 1 << 20, heartbeats, 100, 10_000, 10_000);
    slowCommits = scheduler.chance(0.5) ? 0.1 : 0;
    deaths = scheduler.chance(0.5) ? 0.05 : 0;
    kafka.amidTransactions(this::amidTransaction);
    world.group().onSteppingBack(ledger::finding);
    world.group().onPassing(this::passed);
    world.noticedWhen(this::isNoticed);
    int instances = 1 + scheduler.pick(3);
    for (int i = 0; i < instances; i++) {
      String worker = "worker-" + i;
      members.add(world.consumer(worker, () -> life(worker)));
    }
  }

  static Outcome run(long seed) {
    return Quiet.call(() -> new DeriveSimulation(seed).run());
  }

  private SimConsumer.Life life(String worker) {
    DeriveMetrics metrics = new DeriveMetrics(new SimpleMeterRegistry(), "0");
    return world.life(
        worker,
        PartitionChoice.shared(SOURCES),
        () ->
            new DeriveWork(
                worker,
                options,
                scheduler,
                scheduler::nanoTime,
                new PickyTransactions(kafka.transactions("derive-" + worker)),
                metrics));
  }

  /** Its records are written, nothing is decided: others go on, and some die there. */
  private void amidTransaction() {
    boolean dies = isHarmed() && scheduler.chance(deaths);
    if (dies) {
      SimConsumer victim = members.get(scheduler.pick(members.size()));
      Duration soon = scheduler.upTo(Duration.ofSeconds(1));
      scheduler.after(soon, () -> die(victim));
      scheduler.after(soon.plus(scheduler.upTo(DOWN_MAX)), victim::start);
    }
    if (dies || (isHarmed() && scheduler.chance(slowCommits))) {
      world.threads().pass(scheduler.upTo(COMMIT_MAX));
    }
  }

  /** Not once the harm is over: nobody would start it again. */
  private void die(SimConsumer victim) {
    if (isHarmed()) {
      victim.crash();
    }
  }

  private boolean isHarmed() {
    return scheduler.elapsed().compareTo(SimCourse.HARM) < 0;
  }

  private boolean isNoticed(TopicPartition partition) {
    return world.group().committedOrNone(partition) <= kafka.extent(partition).end();
  }

  private void passed(TopicPartition partition, long from, long to, List<SimRecord> derived) {
    world.passed(partition, from, to, record -> DeriveRecords.isIn(derived, record));
  }

  private Outcome run() {
    boolean chokes = scheduler.chance(0.1);
    SimCourse course = new SimCourse(world, members, HARM);
    course.run(() -> write(chokes), chokes ? CALM_AFTER_CHOKING : SimCourse.CALM);
    judge();
    return course.outcome();
  }

  private void write(boolean chokes) {
    int goodShare = (chokes ? 20 : 2) + scheduler.pick(40);
    int count = 20 + scheduler.pick(300);
    for (int i = 0; i < count; i++) {
      Duration when = SimCourse.HARM.multipliedBy(scheduler.pick(1_000)).dividedBy(1_000);
      scheduler.after(when, () -> writeSome(records.any(goodShare, chokes)));
    }
    if (chokes) {
      scheduler.after(BYSTANDERS, this::holdUp);
    }
  }

  private void holdUp() {
    world.pollInOrder(RECORDS_PER_POLL_MAX);
    bystanders.begin(world.producers().partitions());
  }

  private void writeSome(Temper temper) {
    List<TopicPartition> all = world.producers().partitions();
    TopicPartition to = all.get(scheduler.pick(all.size()));
    if (world.producers().accepts(to)) {
      var unused = writeOne(to, temper);
    }
  }

  private SimRecord writeOne(TopicPartition to, Temper temper) {
    return world.producers().write(to, records.value(to, temper));
  }

  private void judge() {
    Derived derived = Derived.of(kafka.records(Topic.DERIVED.name()));
    for (SimAside.Letter letter : world.aside().letters()) {
      ledger.aside(letter.sequence());
    }
    for (SimRecord written : world.producers().written()) {
      judge(written, derived);
    }
    bystanders.judge(derived, ledger::finding);
    for (TopicPartition partition : world.producers().partitions()) {
      long committed = world.group().committedOrNone(partition);
      if (kafka.hasMore(partition, committed)) {
        ledger.finding(
            partition + " is derived to " + committed + " of " + kafka.extent(partition));
      }
    }
    long silentMs = scheduler.millis() - derived.ownBeatMs();
    if (silentMs > OWN_BEAT_AGE_MAX_MS) {
      ledger.finding("derive has not said that it is alive for " + silentMs + " ms");
    }
  }

  private void judge(SimRecord written, Derived derived) {
    String name = DeriveRecords.name(written.value());
    int spans = DeriveRecords.spans(written);
    double beats = derived.beats().getOrDefault(name, 0.0);
    double calls = derived.calls().getOrDefault(name, 0.0);
    double times = spans == 0 ? beats : calls / spans;
    if (times != Math.rint(times) || (spans > 0 && times > 0 != beats > 0)) {
      ledger.finding(
          "%s: %s calls of %d spans, %s heartbeats".formatted(name, calls, spans, beats));
    }
    for (int i = 0; i < times; i++) {
      ledger.used(written.sequence());
    }
    boolean good = DeriveRecords.temper(name) == Temper.GOOD;
    if (!good && times > 0) {
      ledger.finding(name + " was used");
    }
    boolean damaged = world.aside().hasUnreadable(written);
    boolean mistaken = damaged || ledger.isExcused(written.sequence());
    if (good && ledger.isAside(written.sequence()) && !mistaken) {
      ledger.finding(name + " was put aside");
    }
  }
}
