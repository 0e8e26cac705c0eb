package dev.tocsin.incident.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.testkit.sim.Producers;
import dev.tocsin.testkit.sim.SimRecord;
import dev.tocsin.testkit.sim.SimScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Alert-services: rounds of evaluation in which alerts begin, go on and end, each round with its
 * heartbeats. Now and then somebody writes what is no alert, or one that nobody can store.
 */
final class SimSources {
  static final String REFUSED = "refused";
  private static final List<String> GROUPS = List.of("default/red", "default/slo");
  private static final int ALERTS_A_GROUP = 4;
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final Duration HOLDS = Duration.ofSeconds(25);

  private final SimScheduler scheduler;
  private final Producers producers;
  private final int badShare;
  private final List<Alert> alerts = new ArrayList<>();
  private final IdentityHashMap<byte[], Said> said = new IdentityHashMap<>();

  /** Something written: one of the three, or none when it is no alert. */
  record Said(@Nullable AlertEvent event, @Nullable AlertHeartbeat beat, boolean isUsable) {}

  /** What is true of an alert. */
  static final class Alert {
    final String group;
    final String fingerprint;
    final TopicPartition partition;
    @Nullable Instant firingSince;

    /** The end is to be said yet. */
    @Nullable Instant endedSince;

    /** It went away without a word. */
    boolean forgotten;

    Alert(String group, String fingerprint, TopicPartition partition) {
      this.group = group;
      this.fingerprint = fingerprint;
      this.partition = partition;
    }
  }

  /**
   * @param badShare one in so many rounds has a bad record with it
   */
  SimSources(SimScheduler scheduler, Producers producers, int badShare) {
    this.scheduler = scheduler;
    this.producers = producers;
    this.badShare = badShare;
    for (String group : GROUPS) {
      for (int i = 0; i < ALERTS_A_GROUP; i++) {
        alerts.add(new Alert(group, group + "#" + i, any()));
      }
    }
  }

  List<Alert> alerts() {
    return List.copyOf(alerts);
  }

  Said of(SimRecord record) {
    return said.get(record.value());
  }

  private TopicPartition any() {
    List<TopicPartition> all = producers.partitions();
    return all.get(scheduler.pick(all.size()));
  }

  /** Evaluates each group again and again until then. */
  void run(Duration until) {
    GROUPS.forEach(group -> next(group, until));
  }

  private void next(String group, Duration until) {
    Duration pause = EVERY.plus(scheduler.upTo(Duration.ofSeconds(3)));
    if (scheduler.elapsed().plus(pause).compareTo(until) <= 0) {
      scheduler.after(
          pause,
          () -> {
            round(group);
            next(group, until);
          });
    }
  }

  /** Statements first, then the heartbeats: nothing of it while Kafka is away. */
  private void round(String group) {
    Instant now = scheduler.instant();
    for (Alert alert : alerts) {
      if (alert.group.equals(group) && producers.accepts(alert.partition)) {
        change(alert, now);
        state(alert, now);
      }
    }
    if (scheduler.pick(badShare) == 0) {
      bad(group, now);
    }
    for (TopicPartition partition : producers.partitions()) {
      String source = "alerts-" + said.size();
      AlertHeartbeat beat = new AlertHeartbeat(group, source, now);
      write(partition, beat.encode(), new Said(null, beat, true));
    }
  }

  private void change(Alert alert, Instant now) {
    if (alert.firingSince == null) {
      alert.firingSince = alert.forgotten || scheduler.chance(0.7) ? null : now;
    } else if (scheduler.chance(0.1)) {
      alert.endedSince = alert.firingSince;
      alert.firingSince = null;
    } else if (scheduler.chance(0.02)) {
      alert.forgotten = true;
      alert.firingSince = null;
    }
  }

  private void state(Alert alert, Instant now) {
    Instant ended = alert.endedSince;
    if (ended != null) {
      alert.endedSince = null;
      say(alert, AlertEvent.Status.RESOLVED, ended, now);
    }
    Instant firing = alert.firingSince;
    if (firing != null) {
      say(alert, AlertEvent.Status.FIRING, firing, now);
    }
  }

  private void say(Alert alert, AlertEvent.Status status, Instant since, Instant now) {
    AlertEvent event = event(status, alert.group, alert.fingerprint, since, now);
    write(alert.partition, event.encode(), new Said(event, null, true));
  }

  private AlertEvent event(
      AlertEvent.Status status, String group, String fingerprint, Instant since, Instant now) {
    return new AlertEvent(
        status,
        Map.of("alertname", fingerprint, "severity", "critical"),
        Map.of(),
        since,
        now.plus(HOLDS),
        now,
        "",
        fingerprint,
        group,
        fingerprint,
        Integer.toString(said.size()));
  }

  private void bad(String group, Instant now) {
    TopicPartition partition = any();
    switch (scheduler.pick(3)) {
      case 0 -> {
        AlertHeartbeat beat = new AlertHeartbeat(REFUSED, "alerts-" + said.size(), now);
        write(partition, beat.encode(), new Said(null, beat, false));
      }
      case 1 -> {
        AlertEvent event = event(AlertEvent.Status.FIRING, group, REFUSED + said.size(), now, now);
        write(partition, event.encode(), new Said(event, null, false));
      }
      default -> write(partition, "no alert".getBytes(UTF_8), new Said(null, null, false));
    }
  }

  private void write(TopicPartition partition, byte[] value, Said what) {
    if (producers.accepts(partition)) {
      said.put(value, what);
      SimRecord unused = producers.write(partition, value);
    }
  }
}
