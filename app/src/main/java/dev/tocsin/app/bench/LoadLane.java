package dev.tocsin.app.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Sends the requests of one connection when they are due. In an open loop a request that finds no
 * room waits, and its wait is part of its latency: it counts from when it was due, so a receiver
 * that stalls cannot hide behind a client that stalls with it. Knows no network and no clock; used
 * on one thread.
 */
final class LoadLane {
  private static final long TIMER_SLACK_NANOS = 20_000_000;
  private static final long RETRY_FIRST_MS = 100;
  private static final long RETRY_MAX_MS = 5_000;

  private final Schedule schedule;
  private final long measuredFromNanos;
  private final boolean retry;
  private final Payloads payloads;
  private final LoadWire wire;
  private final Ticker ticker;
  private final Tally tally;
  private final int[] free;
  private final Promise<Void> done = Promise.promise();
  private int freeCount;
  private long next;
  private boolean pumping;
  private boolean waiting;
  private boolean over;

  /**
   * @param slots requests in flight at a time
   * @param measuredFromNanos requests due earlier are warm-up
   */
  LoadLane(
      Schedule schedule,
      long measuredFromNanos,
      int slots,
      boolean retry,
      Payloads payloads,
      LoadWire wire,
      Ticker ticker,
      Tally tally) {
    this.schedule = schedule;
    this.measuredFromNanos = measuredFromNanos;
    this.retry = retry;
    this.payloads = payloads;
    this.wire = wire;
    this.ticker = ticker;
    this.tally = tally;
    this.free = new int[slots];
    for (int slot = 0; slot < slots; slot++) {
      free[freeCount++] = slot;
    }
  }

  /** Completes when the schedule is over and every request has ended. */
  Future<Void> run() {
    pump();
    return done.future();
  }

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    while (freeCount > 0 && !over) {
      long now = ticker.nanos();
      long due = schedule.dueNanos(next, now);
      if (due >= schedule.endNanos() || now >= lastCall(due)) {
        finish(now);
      } else if (due > now) {
        wakeAt(due, now);
        break;
      } else {
        int slot = free[--freeCount];
        send(new Request(slot, schedule.sequence(next), due, RETRY_FIRST_MS));
        next++;
      }
    }
    pumping = false;
    if (over && freeCount == free.length) {
      done.tryComplete();
    }
  }

  /** A timer that was a moment late does not make the last request a late one. */
  private long lastCall(long due) {
    long end = schedule.endNanos();
    return due >= end - TIMER_SLACK_NANOS ? end + TIMER_SLACK_NANOS : end;
  }

  private void wakeAt(long due, long now) {
    if (!waiting) {
      waiting = true;
      ticker.after(
          due - now,
          () -> {
            waiting = false;
            pump();
          });
    }
  }

  /** What is due and was not sent never will be. */
  private void finish(long now) {
    over = true;
    long end = schedule.endNanos();
    if (schedule.requestsPerSecond() == 0) {
      return;
    }
    for (long due = schedule.dueNanos(next, now); due < end; due = schedule.dueNanos(++next, now)) {
      tally.unsent(due >= measuredFromNanos, end - due);
    }
  }

  private void send(Request request) {
    wire.send(payloads.request(request.slot(), request.sequence(), ticker.epochNanos()))
        .onSuccess(outcome -> ended(request, outcome));
  }

  private void ended(Request request, RequestOutcome outcome) {
    long now = ticker.nanos();
    if (retry && outcome.isRetryable() && now < schedule.endNanos()) {
      tally.retried();
      long delayMs = Math.max(outcome.retryAfterMs(), request.backOffMs());
      ticker.after(delayMs * 1_000_000, () -> send(request.again()));
      return;
    }
    tally.ended(outcome, request.dueNanos() >= measuredFromNanos, now - request.dueNanos());
    free[freeCount++] = request.slot();
    pump();
  }

  /** A request until its end, over its retries. */
  private record Request(int slot, long sequence, long dueNanos, long backOffMs) {
    Request again() {
      return new Request(slot, sequence, dueNanos, Math.min(RETRY_MAX_MS, 2 * backOffMs));
    }
  }
}
