package dev.tocsin.incident.consume;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.incident.domain.Decision;
import dev.tocsin.incident.domain.Effect;
import dev.tocsin.incident.domain.Escalation;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.domain.SourceLife;
import dev.tocsin.incident.domain.Statement;
import dev.tocsin.incident.domain.Status;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.IncidentStore.Change;
import dev.tocsin.testkit.sim.SimDatabase;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Incidents in memory, decided on as in PostgreSQL. */
final class SimIncidents implements AlertIntake, Alarms {
  private static final EscalationPolicy POLICY =
      EscalationPolicy.climbing(List.of("phone"), Duration.ofMinutes(5));

  private final SimDatabase database;
  private final InstantSource clock;
  private final Predicate<String> refused;
  private final Watcher watcher;
  private final Map<Integer, Kept> rows = new HashMap<>();
  private final Map<String, Optional<Instant>> events = new HashMap<>();
  private final Map<Integer, Map<String, AlertHeartbeat>> beats = new HashMap<>();
  private final TreeMap<Long, Incident> incidents = new TreeMap<>();
  private final List<Noted> timeline = new ArrayList<>();

  /** An entry of an incident's timeline. */
  record Noted(Incident incident, String kind) {}

  /** Hears of what is done, within the transaction. */
  interface Watcher {
    void moved(TopicPartition partition, Resume.Point from, Resume.Point to);

    void resumed(TopicPartition partition, Resume resume);

    void taken(TopicPartition partition, AlertEvent event);

    void heard(TopicPartition partition, AlertHeartbeat beat);

    /**
     * An alert was not repeated.
     *
     * @param everywhere the source was alive then
     */
    void over(Incident incident, Instant everywhere);
  }

  /**
   * @param refused fingerprints and rule groups that the database refuses
   */
  SimIncidents(
      SimDatabase database, InstantSource clock, Predicate<String> refused, Watcher watcher) {
    this.database = database;
    this.clock = clock;
    this.refused = refused;
    this.watcher = watcher;
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition(Topic.ALERTS.name(), number);
  }

  /** As it is, whatever the database's state. */
  Resume.Point peek(TopicPartition partition) {
    return row(partition.partition()).point();
  }

  private Kept row(int partition) {
    return rows.getOrDefault(partition, new Kept(Resume.Point.NONE, Instant.EPOCH));
  }

  List<Incident> all() {
    return List.copyOf(incidents.values());
  }

  List<Noted> timeline() {
    return List.copyOf(timeline);
  }

  boolean isKnown(String eventId) {
    return events.containsKey(eventId);
  }

  List<Incident> open(String fingerprint) {
    return incidents.values().stream()
        .filter(incident -> incident.status() != Status.RESOLVED)
        .filter(incident -> incident.fingerprint().equals(fingerprint))
        .toList();
  }

  private @Nullable Incident only(String fingerprint) {
    List<Incident> open = open(fingerprint);
    if (open.size() > 1) {
      throw new IllegalStateException("two incidents of " + fingerprint);
    }
    return open.isEmpty() ? null : open.get(0);
  }

  @Override
  public Future<Kept> kept(int partition) {
    return database.later("kept of " + partition, () -> row(partition));
  }

  @Override
  public Future<List<Change>> resume(int partition, Resume.Point kept, Resume resume) {
    return database.later(
        "resume " + partition + " at " + resume.point().epoch() + "/" + resume.point().offset(),
        () -> {
          if (!row(partition).point().equals(kept)) {
            throw new FencedException(
                new Position(partition, kept.offset(), resume.point().offset()));
          }
          watcher.moved(partition(partition), kept, resume.point());
          watcher.resumed(partition(partition), resume);
          rows.put(partition, new Kept(resume.point(), clock.instant()));
          if (!resume.gaps().isEmpty()) {
            forgetStatements(partition);
            beats.remove(partition);
          }
          return resume.gaps().stream()
              .map(gap -> raised(missing(partition, resume.point().epoch(), gap)))
              .toList();
        });
  }

  private SelfAlarm missing(int partition, int epoch, Resume.Gap gap) {
    String reason = gap.reason().name().toLowerCase(Locale.ROOT);
    return SelfAlarm.alertsMissing(
        partition + " from " + gap.from(),
        partition + "/" + epoch + "/" + gap.from() + "/" + reason,
        clock.instant());
  }

  private void forgetStatements(int partition) {
    for (Incident incident : all()) {
      Statement statement = incident.statement();
      if (statement != null
          && statement.partition() == partition
          && incident.status() != Status.RESOLVED) {
        incidents.put(incident.id(), withoutStatement(incident));
      }
    }
  }

  private static Incident withoutStatement(Incident incident) {
    return new Incident(
        incident.id(),
        incident.key(),
        incident.fingerprint(),
        incident.title(),
        incident.severity(),
        incident.status(),
        incident.stepsTaken(),
        incident.generation(),
        incident.policy(),
        incident.alert(),
        incident.openedAt(),
        incident.acknowledged(),
        incident.resolved(),
        null,
        incident.silentSince());
  }

  private void fence(Position position) {
    if (row(position.partition()).point().offset() != position.expected()) {
      throw new FencedException(position);
    }
  }

  private void move(Position position) {
    Kept row = row(position.partition());
    Resume.Point next =
        new Resume.Point(position.next(), row.point().topicId(), row.point().epoch());
    watcher.moved(partition(position.partition()), row.point(), next);
    rows.put(position.partition(), new Kept(next, clock.instant()));
  }

  private void require(String text) {
    if (refused.test(text)) {
      throw new PgException("simulated: refused", "ERROR", "22021", text);
    }
  }

  @Override
  public Future<Change> alert(Position position, AlertEvent event) {
    return database.later(
        event.eventId() + " at " + position,
        () -> {
          require(event.fingerprint());
          fence(position);
          watcher.taken(partition(position.partition()), event);
          move(position);
          boolean firing = event.status() == AlertEvent.Status.FIRING;
          boolean fresh = seen(event.eventId(), firing ? Statement.endOf(event) : null);
          Instant now = clock.instant();
          Statement statement = Statement.of(event, position.partition(), now);
          Incident open = only(event.fingerprint());
          return write(
              fresh
                  ? Escalation.alert(open, event, statement, POLICY, now)
                  : Escalation.repeated(open, event, statement));
        });
  }

  /** Whether it is news: not seen before, or taken for over and said again to hold for longer. */
  private boolean seen(String eventId, @Nullable Instant endsAt) {
    Optional<Instant> endedAt = events.get(eventId);
    boolean renewed =
        endedAt != null
            && endsAt != null
            && endedAt.filter(ended -> ended.isBefore(endsAt)).isPresent();
    if (endedAt == null || renewed) {
      events.put(eventId, Optional.empty());
      return true;
    }
    return false;
  }

  private Change write(Decision decision) {
    Incident incident = decision.incident();
    if (incident == null || decision.effects().isEmpty()) {
      return new Change(incident, List.of());
    }
    Incident saved = incident.id() == 0 ? incident.withId(incidents.size() + 1L) : incident;
    incidents.put(saved.id(), saved);
    for (Effect effect : decision.effects()) {
      if (effect instanceof Effect.Note note) {
        timeline.add(new Noted(saved, note.kind()));
      } else if (effect instanceof Effect.Expire expire) {
        events.put(expire.eventId(), Optional.of(expire.endsAt()));
      }
    }
    return new Change(saved, decision.transitions());
  }

  @Override
  public Future<List<Change>> heartbeats(
      Position position, List<AlertHeartbeat> run, int partitions) {
    return database.later(
        run.size() + " heartbeats at " + position,
        () -> {
          run.forEach(beat -> require(beat.ruleGroup()));
          fence(position);
          TopicPartition partition = partition(position.partition());
          Map<String, AlertHeartbeat> here =
              beats.computeIfAbsent(position.partition(), p -> new TreeMap<>());
          for (AlertHeartbeat beat : run) {
            watcher.heard(partition, beat);
            here.put(beat.ruleGroup(), beat);
          }
          move(position);
          List<Change> changes = new ArrayList<>();
          run.stream()
              .map(AlertHeartbeat::ruleGroup)
              .distinct()
              .forEach(group -> heard(group, position.partition(), partitions, changes));
          return changes;
        });
  }

  private void heard(String group, int partition, int partitions, List<Change> changes) {
    List<Instant> everywhere = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      AlertHeartbeat beat = beats.getOrDefault(i, Map.of()).get(group);
      if (beat != null) {
        everywhere.add(beat.at());
      }
    }
    if (everywhere.size() < partitions) {
      return;
    }
    Instant earliest = everywhere.stream().min(Instant::compareTo).orElseThrow();
    AlertHeartbeat here = beats.getOrDefault(partition, Map.of()).get(group);
    for (Incident incident : all()) {
      Statement statement = incident.statement();
      boolean ofGroup = incident.alert().ruleGroup().equals(group);
      if (here == null || !ofGroup || incident.status() == Status.RESOLVED || statement == null) {
        continue;
      }
      SourceLife.Sign sign =
          new SourceLife.Sign(
              here.source(), here.at(), statement.partition() == partition, earliest);
      Change change = write(SourceLife.heard(incident, sign, clock.instant()));
      if (!change.transitions().isEmpty()) {
        watcher.over(incident, earliest);
        changes.add(change);
      }
    }
  }

  @Override
  public Future<Void> skip(Position position) {
    return database.later(
        "skip " + position,
        () -> {
          fence(position);
          move(position);
          return null;
        });
  }

  @Override
  public Future<Void> readToEnd(int partition, long next) {
    return database.later("read " + partition + " to its end " + next, () -> null);
  }

  /** Answers at once: who puts a record aside does not let others go on meanwhile. */
  @Override
  public Future<Change> raise(SelfAlarm alarm) {
    try {
      return Future.succeededFuture(database.now("alarm " + alarm.eventId(), () -> raised(alarm)));
    } catch (Throwable e) {
      return Future.failedFuture(e);
    }
  }

  private Change raised(SelfAlarm alarm) {
    AlertEvent event = alarm.event();
    return seen(alarm.eventId(), null)
        ? write(Escalation.alarm(only(event.fingerprint()), event, POLICY, clock.instant()))
        : new Change(null, List.of());
  }

  @Override
  public Future<Watched> watch() {
    throw new UnsupportedOperationException("not of this simulation");
  }
}
