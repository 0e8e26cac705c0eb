package dev.tocsin.ingest.receive;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.ingest.Reason;
import dev.tocsin.ingest.RefusedException;
import dev.tocsin.ingest.body.Allowance;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who may come in, over all connections of both transports: a budget of bytes in flight, and none
 * at all once the service stops. Thread-safe.
 */
public final class Admission implements Component {
  private final long bytesMax;
  private final long drainTimeoutMs;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();
  private final Promise<Void> drained = Promise.promise();
  private volatile boolean draining;

  public Admission(long bytesMax, long drainTimeoutMs, MeterRegistry registry) {
    this.bytesMax = bytesMax;
    this.drainTimeoutMs = drainTimeoutMs;
    Gauge.builder("otlp.in.flight.bytes", bytes, AtomicLong::doubleValue).register(registry);
    Gauge.builder("otlp.in.flight.requests", calls, AtomicInteger::doubleValue).register(registry);
  }

  @Override
  public String name() {
    return "admission";
  }

  @Override
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  /** Refuses new work with a retryable answer and completes when the old is done, or in time. */
  @Override
  public Future<Void> stop() {
    draining = true;
    if (calls.get() == 0) {
      drained.tryComplete();
    }
    return drained.future().timeout(drainTimeoutMs, TimeUnit.MILLISECONDS).otherwiseEmpty();
  }

  @Override
  public boolean ready() {
    return !draining;
  }

  /**
   * @throws RefusedException retryable, when there is no room or the service stops
   */
  public Permit enter() {
    calls.incrementAndGet();
    if (draining) {
      leave();
      throw new RefusedException(Reason.STOPPING, "the receiver is stopping; try again");
    }
    if (bytes.get() >= bytesMax) {
      leave();
      throw new RefusedException(
          Reason.OVER_BUDGET, bytesMax + " bytes are in flight already; try again later");
    }
    return new Permit();
  }

  private void leave() {
    if (calls.decrementAndGet() == 0 && draining) {
      drained.tryComplete();
    }
  }

  /** What one call holds of the budget; used by one thread at a time. */
  public final class Permit implements Allowance {
    private long held;
    private boolean closed;

    private Permit() {}

    @Override
    public boolean grow(long more) {
      if (bytes.addAndGet(more) > bytesMax) {
        bytes.addAndGet(-more);
        return false;
      }
      held += more;
      return true;
    }

    @Override
    public void shrink(long less) {
      long given = Math.min(less, held);
      held -= given;
      bytes.addAndGet(-given);
    }

    long held() {
      return held;
    }

    /** Gives back all; the call is over. */
    public void close() {
      if (!closed) {
        closed = true;
        bytes.addAndGet(-held);
        held = 0;
        leave();
      }
    }
  }
}
