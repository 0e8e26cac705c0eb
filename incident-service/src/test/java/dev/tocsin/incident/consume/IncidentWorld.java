package dev.tocsin.incident.consume;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.domain.SourceLife;
import dev.tocsin.incident.ports.Lifecycle;
import dev.tocsin.testkit.sim.SimAside;
import dev.tocsin.testkit.sim.SimConsumer;
import dev.tocsin.testkit.sim.SimLedger;
import dev.tocsin.testkit.sim.SimRecord;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.SimWorld;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** The alerts topic, and instances that make incidents of it with the real work. */
final class IncidentWorld implements SimIncidents.Watcher {
  final SimWorld world;
  final SimSources sources;
  final SimIncidents incidents;
  private final SimScheduler scheduler;
  private final SimLedger ledger;

  /** What was taken in since the partition was last read again. */
  private final Map<TopicPartition, Set<Object>> taken = new HashMap<>();

  private final Set<Object> ever = new HashSet<>();
  private final Map<String, Integer> expiries = new HashMap<>();

  /** Statements there were forgotten; those in {@link #taken} were made again. */
  private final Set<TopicPartition> withGaps = new HashSet<>();

  IncidentWorld(long seed, int partitionsMax, Duration latencyMax, int badShare) {
    world =
        new SimWorld(
            seed,
            AlertConsumer.GROUP,
            List.of(Topic.ALERTS.name()),
            partitionsMax,
            () -> new IOException("simulated: connection lost"));
    scheduler = world.scheduler();
    ledger = world.ledger();
    incidents =
        new SimIncidents(
            world.database().withLatency(latencyMax),
            scheduler,
            text -> text.startsWith(SimSources.REFUSED),
            this);
    sources = new SimSources(scheduler, world.producers(), badShare);
    world.noticedWhen(this::noticed);
  }

  private boolean noticed(TopicPartition partition) {
    Resume.Point point = incidents.peek(partition);
    Extent extent = world.kafka().extent(partition);
    return point.topicId().equals(extent.topicId()) && point.offset() <= extent.end();
  }

  SimConsumer consumer(String name) {
    return world.consumer(
        name,
        () -> {
          SimpleMeterRegistry metrics = new SimpleMeterRegistry();
          Lifecycle lifecycle = new Lifecycle(metrics);
          AlertGaps gaps = new AlertGaps(metrics);
          return world.life(
              name,
              PartitionChoice.shared(List.of(Topic.ALERTS.name())),
              () ->
                  new AlertWork(
                      incidents,
                      new SimTime(world.database(), scheduler),
                      lifecycle,
                      gaps,
                      world.awaiting(),
                      scheduler::nanoTime),
              new AlarmingAside(world.aside(), incidents, lifecycle, metrics));
        });
  }

  @Override
  public void moved(TopicPartition partition, Resume.Point from, Resume.Point to) {
    boolean falls =
        to.epoch() < from.epoch() || (to.epoch() == from.epoch() && to.offset() < from.offset());
    if (falls) {
      ledger.finding(partition + " goes back from " + from + " to " + to);
    }
    if (to.epoch() == from.epoch()) {
      Set<Object> now = taken.getOrDefault(partition, Set.of());
      world.passed(
          partition, from.offset(), to.offset(), record -> isAmong(now, sources.of(record)));
    }
  }

  @Override
  public void resumed(TopicPartition partition, Resume resume) {
    if (!resume.gaps().isEmpty()) {
      withGaps.add(partition);
      // Some of it may be read again, and does nothing then.
      taken.remove(partition);
    }
  }

  @Override
  public void taken(TopicPartition partition, AlertEvent event) {
    took(partition, event);
  }

  @Override
  public void heard(TopicPartition partition, AlertHeartbeat beat) {
    took(partition, beat);
  }

  private void took(TopicPartition partition, Object what) {
    ever.add(what);
    if (!taken.computeIfAbsent(partition, p -> new HashSet<>()).add(what)) {
      ledger.finding(what + " was taken in twice");
    }
  }

  private static boolean isAmong(Set<Object> taken, SimSources.Said said) {
    Object what = said.event() == null ? said.beat() : said.event();
    return what != null && taken.contains(what);
  }

  @Override
  public void over(Incident incident, Instant everywhere) {
    expiries.merge(incident.key(), 1, Integer::sum);
    for (SimRecord record : world.producers().written()) {
      AlertEvent event = sources.of(record).event();
      if (event != null
          && event.fingerprint().equals(incident.fingerprint())
          && event.status() == AlertEvent.Status.FIRING
          && !ledger.isExcused(record.sequence())
          && !world.aside().hasUnreadable(record)
          && !event.updatedAt().isAfter(everywhere)
          && event.endsAt().plus(SourceLife.SLACK).isAfter(everywhere)) {
        ledger.finding(
            incident.key() + " was taken for over, though " + record.place() + " says it fires");
        return;
      }
    }
  }

  /** Enters in the books what has become of each record, and looks at the incidents. */
  void judge() {
    Set<Long> aside = new HashSet<>();
    for (SimAside.Letter letter : world.aside().letters()) {
      aside.add(letter.sequence());
      SelfAlarm alarm =
          SelfAlarm.alertPutAside(
              letter.message().topic()
                  + "-"
                  + letter.message().partition()
                  + "@"
                  + letter.message().offset(),
              Instant.ofEpochMilli(Math.max(0, letter.message().timestamp())),
              "");
      if (!incidents.isKnown(alarm.eventId())) {
        ledger.finding("no alarm for " + alarm.eventId());
      }
    }
    for (SimRecord record : world.producers().written()) {
      judge(record, aside.contains(record.sequence()));
    }
    judgeIncidents();
    sources.alerts().forEach(this::judge);
    for (TopicPartition partition : world.producers().partitions()) {
      Resume.Point point = incidents.peek(partition);
      if (world.kafka().hasMore(partition, point.offset())) {
        ledger.finding(
            partition + " is taken to " + point + " of " + world.kafka().extent(partition));
      }
    }
  }

  private void judge(SimRecord record, boolean isAside) {
    boolean used = isAmong(ever, sources.of(record));
    boolean usable = sources.of(record).isUsable();
    if (used) {
      ledger.used(record.sequence());
    }
    boolean damaged = world.aside().hasUnreadable(record);
    if (isAside && !(used && damaged)) {
      ledger.aside(record.sequence());
    }
    if (used && !usable) {
      ledger.finding(record.place() + " was taken in, though it was refused");
    }
    if (isAside && usable && !damaged && !ledger.isExcused(record.sequence())) {
      ledger.finding(record.place() + " was put aside: " + sources.of(record));
    }
  }

  private void judgeIncidents() {
    Map<String, Integer> opened = new HashMap<>();
    incidents.all().forEach(incident -> opened.merge(incident.key(), 1, Integer::sum));
    opened.forEach(
        (key, times) -> {
          if (!key.contains(SelfAlarm.PREFIX) && times > 1 + expiries.getOrDefault(key, 0)) {
            ledger.finding(times + " incidents of " + key);
          }
        });
    Map<Long, Integer> alarms = new HashMap<>();
    incidents.timeline().stream()
        .filter(noted -> noted.incident().fingerprint().startsWith(SelfAlarm.PREFIX))
        .forEach(noted -> alarms.merge(noted.incident().id(), 1, Integer::sum));
    int letters =
        (int)
            world.aside().letters().stream()
                .mapToLong(SimAside.Letter::sequence)
                .distinct()
                .count();
    String fingerprint = SelfAlarm.fingerprint(SelfAlarm.Kind.ALERT_PUT_ASIDE, "");
    int alarmed =
        incidents.open(fingerprint).stream()
            .mapToInt(incident -> alarms.getOrDefault(incident.id(), 0))
            .sum();
    if (alarmed < letters) {
      ledger.finding(letters + " records aside, but " + alarmed + " alarms about it");
    }
  }

  /** What was said last, and could not be lost, has to hold. */
  private void judge(SimSources.Alert alert) {
    SimRecord last = null;
    for (SimRecord record : world.producers().written()) {
      AlertEvent event = sources.of(record).event();
      if (event != null && event.fingerprint().equals(alert.fingerprint)) {
        last = record;
      }
    }
    if (last == null || ledger.isExcused(last.sequence())) {
      return;
    }
    List<Incident> open = incidents.open(alert.fingerprint);
    AlertEvent event = sources.of(last).event();
    if (event == null) {
      return;
    }
    boolean firing = event.status() == AlertEvent.Status.FIRING;
    if (firing && !alert.forgotten && open.size() != 1) {
      ledger.finding(alert.fingerprint + " fires, but its open incidents are " + open);
    }
    if (!firing && !open.isEmpty()) {
      ledger.finding(alert.fingerprint + " has ended, but its open incidents are " + open);
    }
    boolean stated =
        !withGaps.contains(alert.partition)
            || taken.getOrDefault(alert.partition, Set.of()).contains(event);
    if (alert.forgotten && stated && isProvenOver(event) && !open.isEmpty()) {
      ledger.finding(alert.fingerprint + " is not repeated, but its open incidents are " + open);
    }
  }

  /**
   * Whether each partition has a heartbeat that is late enough. A partition that was not written
   * any more after it lost its tail has none, and nobody can tell that anything is missing there.
   */
  private boolean isProvenOver(AlertEvent event) {
    Set<TopicPartition> alive = new HashSet<>();
    for (SimRecord record : world.producers().written()) {
      AlertHeartbeat beat = sources.of(record).beat();
      if (beat != null
          && beat.ruleGroup().equals(event.ruleGroup())
          && beat.at().isAfter(event.endsAt().plus(SourceLife.SLACK))
          && !ledger.isExcused(record.sequence())
          && !world.aside().hasUnreadable(record)) {
        alive.add(record.partition());
      }
    }
    return alive.containsAll(world.producers().partitions());
  }
}
