package dev.tocsin.ingest.receive;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.ingest.access.Caller;
import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much may come in, over all connections of both transports: a budget of bytes in flight, a
 * share of it for each key, and nothing at all once the service stops. Thread-safe.
 */
public final class Admission implements Component {
  private final long bytesMax;
  private final long shareBytesMax;
  private final long drainTimeoutMs;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();
  private final Promise<Void> drained = Promise.promise();
  private final List<Runnable> drainListeners = new CopyOnWriteArrayList<>();
  private volatile boolean draining;

  /**
   * @param shareBytesMax what one caller may hold with all its calls together; a single call may
   *     always have what the budget has
   */
  public Admission(long bytesMax, long shareBytesMax, long drainTimeoutMs, MeterRegistry registry) {
    this.bytesMax = bytesMax;
    this.shareBytesMax = shareBytesMax;
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
    if (!draining) {
      draining = true;
      drainListeners.forEach(Runnable::run);
    }
    if (calls.get() == 0) {
      drained.tryComplete();
    }
    return drained.future().timeout(drainTimeoutMs, TimeUnit.MILLISECONDS).otherwiseEmpty();
  }

  /** Is told, once, that the service begins to stop. */
  void onDrain(Runnable listener) {
    drainListeners.add(listener);
  }

  /** Whether new work is refused. */
  boolean draining() {
    return draining;
  }

  @Override
  public boolean ready() {
    return !draining;
  }

  /**
   * @throws RefusedException retryable, when there is no room or the service stops
   */
  public Permit enter(Caller caller) {
    calls.incrementAndGet();
    caller.callsInFlight().incrementAndGet();
    if (draining) {
      leave(caller);
      throw new RefusedException(Reason.STOPPING, "the receiver is stopping; try again");
    }
    if (bytes.get() >= bytesMax) {
      leave(caller);
      throw new RefusedException(
          Reason.OVER_BUDGET, bytesMax + " bytes are in flight already; try again later");
    }
    if (caller.bytesInFlight().get() >= shareBytesMax) {
      leave(caller);
      throw new RefusedException(
          Reason.OVER_SHARE,
          shareBytesMax + " bytes of this sender are in flight already; try again later");
    }
    return new Permit(caller);
  }

  private void leave(Caller caller) {
    caller.callsInFlight().decrementAndGet();
    if (calls.decrementAndGet() == 0 && draining) {
      drained.tryComplete();
    }
  }

  /** What one call holds of the budget; used by one thread at a time. */
  public final class Permit implements Allowance {
    private final Caller caller;
    private long held;
    private boolean closed;

    private Permit(Caller caller) {
      this.caller = caller;
    }

    @Override
    public boolean grow(long more) {
      long callers = caller.bytesInFlight().addAndGet(more);
      boolean overShare = callers > shareBytesMax && caller.callsInFlight().get() > 1;
      if (overShare || bytes.addAndGet(more) > bytesMax) {
        caller.bytesInFlight().addAndGet(-more);
        if (!overShare) {
          bytes.addAndGet(-more);
        }
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
      caller.bytesInFlight().addAndGet(-given);
    }

    long held() {
      return held;
    }

    /** Gives back all; the call is over. */
    public void close() {
      if (!closed) {
        closed = true;
        shrink(held);
        leave(caller);
      }
    }
  }
}
