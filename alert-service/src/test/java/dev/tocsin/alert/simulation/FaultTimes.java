package dev.tocsin.alert.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** When something was wrong, so that it can be told by when it must have been got over. */
final class FaultTimes {
  private final List<Fault> faults = new ArrayList<>();

  /** Something that is wrong for a while, or for a moment. */
  static final class Fault {
    private final long fromNanos;
    private long toNanos = Long.MAX_VALUE;

    private Fault(long fromNanos) {
      this.fromNanos = fromNanos;
    }

    void end(long nanos) {
      toNanos = Math.min(toNanos, nanos);
    }

    private boolean isFeltIn(long from, long to) {
      return fromNanos <= to && toNanos >= from;
    }
  }

  Fault begin(long nanos) {
    Fault fault = new Fault(nanos);
    faults.add(fault);
    return fault;
  }

  void moment(long nanos) {
    begin(nanos).end(nanos);
  }

  /** Nothing is wrong any more, as of now. */
  void endAll(long nanos) {
    faults.forEach(fault -> fault.end(nanos));
    moment(nanos);
  }

  /** Whether nothing was wrong in between. */
  boolean quiet(long fromNanos, long toNanos) {
    return faults.stream().noneMatch(fault -> fault.isFeltIn(fromNanos, toNanos));
  }

  /** The first time from the one given on when it has been quiet for so long. */
  long quietFor(Duration quiet, long fromNanos) {
    long at = fromNanos;
    for (boolean moved = true; moved; ) {
      moved = false;
      for (Fault fault : faults) {
        if (fault.isFeltIn(at - quiet.toNanos(), at)) {
          if (fault.toNanos == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
          }
          at = fault.toNanos + quiet.toNanos() + 1;
          moved = true;
        }
      }
    }
    return at;
  }
}
