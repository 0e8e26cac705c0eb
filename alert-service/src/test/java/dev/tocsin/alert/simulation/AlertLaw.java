package dev.tocsin.alert.simulation;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.sim.SimKafka;
import dev.tocsin.testkit.sim.SimRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What must be so, seen by who reads the alerts: each alert is said to fire in time, is not said to
 * be over while it goes on, and is one alert from its beginning to its end.
 */
final class AlertLaw {
  /** Everything works again so long after the last fault. */
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  /** Afterwards senders are given time to be heard again before an alert ends. */
  private static final Duration END_RECOVERY = Duration.ofSeconds(150);

  /** For so long the window may hold what came by the old clock. */
  private static final Duration END_AFTER_STEP = Duration.ofMinutes(11);

  /** From a sample to what is said of it. */
  private static final Duration REACTION = Duration.ofSeconds(15);

  /** Whoever says something may have looked so long ago. */
  private static final Duration OLD_LOOK = Duration.ofSeconds(40);

  private final SimKafka kafka;
  private final List<LoadSeries> series;
  private final AlertFaults faults;
  private final long endNanos;
  private final Consumer<String> findings;
  private final Map<String, List<Said>> byAlert = new HashMap<>();
  private final List<List<Beat>> beats = new ArrayList<>();

  /** A statement about an alert, and when it was made. */
  private record Said(long nanos, long offset, int partition, AlertEvent event) {
    boolean fires() {
      return event.status() == AlertEvent.Status.FIRING;
    }
  }

  private record Beat(long offset, long nanos, AlertHeartbeat heartbeat) {}

  /**
   * A rule of the simulation.
   *
   * @param holdFor until it fires
   */
  record Watched(String rule, Duration holdFor) {}

  AlertLaw(
      SimKafka kafka,
      List<LoadSeries> series,
      AlertFaults faults,
      long endNanos,
      Consumer<String> findings) {
    this.kafka = kafka;
    this.series = List.copyOf(series);
    this.faults = faults;
    this.endNanos = endNanos;
    this.findings = findings;
  }

  void judge(List<Watched> rules) {
    read();
    for (LoadSeries one : series) {
      for (Watched rule : rules) {
        List<Said> said = byAlert.getOrDefault(rule.rule + "/" + one.name(), List.of());
        String alert = rule.rule + " of " + one.name();
        inTime(alert, one, rule, said);
        neverOverWhileItFires(alert, one, said);
        oneAlert(alert, said);
        heldByHeartbeats(alert, one, said);
        asStored(alert, said);
      }
    }
  }

  private void read() {
    int partitions = kafka.partitions(Topic.ALERTS.name()).size();
    for (int i = 0; i < partitions; i++) {
      beats.add(new ArrayList<>());
    }
    for (SimRecord record : kafka.records(Topic.ALERTS.name())) {
      int partition = record.partition().partition();
      Optional<AlertHeartbeat> beat = AlertHeartbeat.decode(record.value());
      if (beat.isPresent()) {
        beats.get(partition).add(new Beat(record.offset(), record.writtenNanos(), beat.get()));
      } else {
        AlertEvent event = AlertEvent.decode(record.value());
        byAlert
            .computeIfAbsent(
                event.rule() + "/" + event.labels().getOrDefault("series", ""),
                alert -> new ArrayList<>())
            .add(new Said(record.writtenNanos(), record.offset(), partition, event));
      }
    }
  }

  private void inTime(String alert, LoadSeries one, Watched rule, List<Said> said) {
    for (LoadSeries.Phase phase : one.phases()) {
      long seenNanos = phase.fromNanos() + LoadSeries.EVERY.toNanos();
      long dueNanos =
          phase.high()
              ? quietFor(RECOVERY, RECOVERY, seenNanos + rule.holdFor.toNanos())
              : quietFor(END_RECOVERY, END_AFTER_STEP, seenNanos);
      if (dueNanos == Long.MAX_VALUE) {
        continue;
      }
      long byNanos = dueNanos + REACTION.toNanos();
      boolean judged =
          byNanos < phase.toNanos()
              && byNanos < endNanos
              && faults.times().quiet(dueNanos, byNanos)
              && faults.clockSteps().quiet(dueNanos, byNanos);
      if (judged && phase.high() != firesAsOf(said, byNanos)) {
        findings.accept(
            "%s is %s since %s, and at %s it is said %s"
                .formatted(
                    alert,
                    phase.high() ? "high" : "low",
                    time(phase.fromNanos()),
                    time(byNanos),
                    lastAsOf(said, byNanos).map(AlertLaw::text).orElse("nothing")));
      }
    }
  }

  /**
   * The first time when both have been quiet for so long: the clock may be set while a fault is
   * being got over, and starts the longer wait only then.
   */
  private long quietFor(Duration faultsQuiet, Duration clockQuiet, long fromNanos) {
    long at;
    long next = fromNanos;
    do {
      at = next;
      next = faults.clockSteps().quietFor(clockQuiet, faults.times().quietFor(faultsQuiet, at));
    } while (next > at);
    return at;
  }

  private static Optional<Said> lastAsOf(List<Said> said, long nanos) {
    return said.stream().filter(one -> one.nanos <= nanos).reduce((first, second) -> second);
  }

  private static boolean firesAsOf(List<Said> said, long nanos) {
    return lastAsOf(said, nanos).filter(Said::fires).isPresent();
  }

  private void neverOverWhileItFires(String alert, LoadSeries one, List<Said> said) {
    Set<String> seen = new HashSet<>();
    for (Said each : said) {
      boolean first = seen.add(each.event.eventId());
      long from = each.nanos - OLD_LOOK.toNanos();
      if (first && !each.fires() && from > 0 && one.was(true, from, each.nanos)) {
        findings.accept(alert + " is high all the time before " + text(each));
      }
      // That the clock was set excuses a late end, but no false beginning.
      boolean quiet = faults.times().quiet(from - RECOVERY.toNanos(), each.nanos);
      if (first && each.fires() && quiet && from > 0 && one.was(false, from, each.nanos)) {
        findings.accept(alert + " is low all the time before " + text(each));
      }
    }
  }

  /** Between two firings with different beginnings there is the end of the first. */
  private void oneAlert(String alert, List<Said> said) {
    Instant firing = null;
    for (Said each : said) {
      Instant startsAt = each.event.startsAt();
      if (each.fires() && firing != null && !startsAt.equals(firing)) {
        findings.accept(
            "%s is another one without an end: %s after %s"
                .formatted(alert, text(each), lastAsOf(said, each.nanos - 1).map(AlertLaw::text)));
      }
      firing = each.fires() ? startsAt : null;
    }
  }

  /** A heartbeat after the time until when a statement holds says that it is over. */
  private void heldByHeartbeats(String alert, LoadSeries one, List<Said> said) {
    for (int i = 0; i < said.size(); i++) {
      Said each = said.get(i);
      long nextOffset = i + 1 < said.size() ? said.get(i + 1).offset : Long.MAX_VALUE;
      if (!each.fires()) {
        continue;
      }
      for (Beat beat : beats.get(each.partition)) {
        boolean follows = beat.offset > each.offset && beat.offset < nextOffset;
        boolean ends =
            beat.heartbeat.ruleGroup().equals(each.event.ruleGroup())
                && beat.heartbeat.at().isAfter(each.event.endsAt());
        long from = beat.nanos - OLD_LOOK.toNanos();
        if (follows && ends && one.was(true, from, beat.nanos)) {
          findings.accept(alert + " is high, but ended by a heartbeat at " + time(beat.nanos));
          return;
        }
      }
    }
  }

  private void asStored(String alert, List<Said> said) {
    if (said.isEmpty()) {
      return;
    }
    Said last = said.get(said.size() - 1);
    List<AlertStateRecord> stored =
        SimStateStore.newest(kafka).values().stream()
            .filter(state -> state.fingerprint().equals(last.event.fingerprint()))
            .filter(state -> state.ruleGroup().equals(last.event.ruleGroup()))
            .toList();
    boolean firing =
        stored.stream()
            .anyMatch(
                state ->
                    state.state().equals("firing")
                        && last.event.startsAt().equals(state.firedAt()));
    if (firing != last.fires() || stored.size() > 1) {
      findings.accept(alert + ": " + text(last) + ", and stored is " + stored);
    }
  }

  private static String text(Said said) {
    return "%s from %s at %s"
        .formatted(said.event.status(), said.event.startsAt(), time(said.nanos));
  }

  private static String time(long nanos) {
    return Duration.ofNanos(nanos).toString();
  }
}
