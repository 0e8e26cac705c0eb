package dev.tocsin.app.demo;

import java.time.Duration;
import java.util.Optional;

/**
 * When the shop is broken: first after {@code firstAfter}, then every {@code every}, for {@code
 * lasts} each time; the kinds of fault take turns.
 */
public record FaultSchedule(Duration firstAfter, Duration every, Duration lasts) {

  /** The fault that is on when the shop has been running for that long. */
  Optional<Fault> at(Duration running) {
    Duration sinceFirst = running.minus(firstAfter);
    if (sinceFirst.isNegative()) {
      return Optional.empty();
    }
    long round = sinceFirst.dividedBy(every);
    Duration intoRound = sinceFirst.minus(every.multipliedBy(round));
    Fault[] faults = Fault.values();
    return intoRound.compareTo(lasts) < 0
        ? Optional.of(faults[(int) (round % faults.length)])
        : Optional.empty();
  }
}
