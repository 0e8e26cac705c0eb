package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongFunction;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** In virtual time: a clock that jumps from one event to the next. */
class LoadLaneTest {
  private static final long MS = 1_000_000;
  private static final long SECOND = 1_000 * MS;
  private static final int ITEMS = 10;

  private final VirtualTime time = new VirtualTime();
  private final Tally tally = new Tally(ITEMS);
  private final List<Long> sent = new ArrayList<>();

  /**
   * 1,000 requests a second for 10 s, each answered after 1 ms; the receiver stands still for 1 s.
   */
  @Test
  void latency_countsFromWhenARequestWasDue_whenTheReceiverStalls() {
    LongFunction<RequestOutcome> accept = sequence -> RequestOutcome.accepted(0);
    long stallFrom = 5 * SECOND;
    run(
        open(1_000, 10 * SECOND),
        0,
        false,
        4,
        now -> now >= stallFrom && now < stallFrom + SECOND ? stallFrom + SECOND - now : MS,
        accept);

    Histogram latencies = tally.takeLatencies();
    assertThat(latencies.getTotalCount()).isEqualTo(10_000);
    assertThat(tally.measuredUnsent()).isZero();
    assertThat(latencies.getMaxValue() / 1e6).isCloseTo(1_000, within(5.0));
    // Of 10,000 requests 1,000 fell into the stall, and the backlog took time to clear: without
    // counting their wait only the four in flight would be slow, and p99 would be 1 ms.
    assertThat(latencies.getValueAtPercentile(99) / 1e6).isCloseTo(933, within(40.0));
    assertThat(latencies.getValueAtPercentile(50) / 1e6).isCloseTo(1, within(0.1));
  }

  @Test
  void closedLoop_sendsTheNextWhenOneIsAnswered() {
    run(closed(SECOND), 0, false, 2, now -> 10 * MS, sequence -> RequestOutcome.accepted(3));
    assertThat(sent).hasSize(200).doesNotHaveDuplicates();
    assertThat(tally.acknowledgedRequests()).isEqualTo(200);
    assertThat(tally.acknowledgedItems()).isEqualTo(200 * (ITEMS - 3));
    assertThat(tally.measuredRejectedItems()).isEqualTo(600);
  }

  @Test
  void requests_thatWereDueAndNeverSent_countWithTheTimeTheyWaited() {
    // One request in flight, 100 ms each: 10 of the 100 that are due get through.
    run(open(100, SECOND), 0, false, 1, now -> 100 * MS, sequence -> RequestOutcome.accepted(0));
    assertThat(tally.measuredAcknowledged()).isEqualTo(10);
    assertThat(tally.measuredUnsent()).isEqualTo(90);
    Histogram latencies = tally.takeLatencies();
    assertThat(latencies.getTotalCount()).isEqualTo(100);
    assertThat(latencies.getMaxValue() / 1e6).isCloseTo(1_000 - 100 + 0, within(15.0));
  }

  @Test
  void warmUp_isSentButNotMeasured() {
    run(open(100, SECOND), SECOND / 2, false, 8, now -> MS, sequence -> RequestOutcome.accepted(0));
    assertThat(tally.acknowledgedRequests()).isEqualTo(100);
    assertThat(tally.measuredAcknowledged()).isEqualTo(50);
    assertThat(tally.takeLatencies().getTotalCount()).isEqualTo(50);
  }

  @Test
  void refusals_areErrorsByCode_andTheirLatencyIsNotCounted() {
    run(
        open(100, SECOND),
        0,
        false,
        8,
        now -> MS,
        sequence ->
            sequence % 10 == 0
                ? RequestOutcome.retryable("UNAVAILABLE", 500)
                : RequestOutcome.accepted(0));
    assertThat(tally.measuredErrors())
        .containsExactlyEntriesOf(java.util.Map.of("UNAVAILABLE", 10L));
    assertThat(tally.failedRequests()).isEqualTo(10);
    assertThat(tally.takeLatencies().getTotalCount()).isEqualTo(90);
    assertThat(tally.retries()).isZero();
  }

  @Test
  void retry_sendsTheSameRequestAgain_andItsLatencyCountsFromTheFirst() {
    List<Long> refused = new ArrayList<>();
    run(
        open(10, SECOND),
        0,
        true,
        8,
        now -> MS,
        sequence -> {
          if (sequence == 3 && !refused.contains(sequence)) {
            refused.add(sequence);
            return RequestOutcome.retryable("UNAVAILABLE", 250);
          }
          return RequestOutcome.accepted(0);
        });
    assertThat(sent.stream().filter(sequence -> sequence == 3)).hasSize(2);
    assertThat(tally.retries()).isEqualTo(1);
    assertThat(tally.measuredErrors()).isEmpty();
    assertThat(tally.takeLatencies().getMaxValue() / 1e6).isCloseTo(252, within(1.0));
  }

  private static Schedule open(double requestsPerSecond, long endNanos) {
    return new Schedule(0, endNanos, requestsPerSecond, 0, 1);
  }

  private static Schedule closed(long endNanos) {
    return new Schedule(0, endNanos, 0, 0, 1);
  }

  /** How long the receiver takes for a request that reaches it at some time. */
  private interface ServiceTime {
    long at(long nowNanos);
  }

  private void run(
      Schedule schedule,
      long measuredFrom,
      boolean retry,
      int slots,
      ServiceTime serviceTime,
      LongFunction<RequestOutcome> outcomes) {
    Payloads payloads = (slot, sequence, epochNanos) -> Buffer.buffer().appendLong(sequence);
    LoadWire wire =
        request -> {
          long sequence = request.getLong(0);
          sent.add(sequence);
          Promise<RequestOutcome> answer = Promise.promise();
          time.after(serviceTime.at(time.nanos()), () -> answer.complete(outcomes.apply(sequence)));
          return answer.future();
        };
    Future<Void> done =
        new LoadLane(schedule, measuredFrom, slots, retry, payloads, wire, time, tally).run();
    time.runAll();
    assertThat(done.succeeded()).isTrue();
  }

  private static final class VirtualTime implements Ticker {
    private record Event(long at, long number, Runnable action) {}

    private final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparing(Event::number));
    private long now;
    private long number;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public long epochNanos() {
      return now;
    }

    @Override
    public void after(long delayNanos, Runnable action) {
      events.add(new Event(now + delayNanos, number++, action));
    }

    void runAll() {
      while (!events.isEmpty()) {
        Event event = events.remove();
        now = event.at();
        event.action().run();
      }
    }
  }
}
