package dev.tocsin.app.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClientAgent;
import java.util.concurrent.TimeUnit;

/** One connection on its own event loop: opens it, then runs a {@link LoadLane} when told to. */
final class LaneVerticle extends VerticleBase implements Ticker {

  /** Makes the lane once the run begins; called on the lane's thread. */
  interface Lanes {
    LoadLane lane(int number, LoadWire wire, Ticker ticker);
  }

  private final BenchOptions options;
  private final HttpClientAgent client;
  private final int number;
  private final Promise<Long> opened = Promise.promise();
  private final Promise<Void> done = Promise.promise();
  private final Future<Lanes> begin;

  /**
   * @param begin completes when every connection is open
   */
  LaneVerticle(BenchOptions options, HttpClientAgent client, int number, Future<Lanes> begin) {
    this.options = options;
    this.client = client;
    this.number = number;
    this.begin = begin;
  }

  @Override
  public Future<?> start() {
    HttpWire wire = new HttpWire(vertx, client, options);
    begin.onSuccess(
        lanes -> context.runOnContext(go -> lanes.lane(number, wire, this).run().onComplete(done)));
    return wire.open().onComplete(opened);
  }

  /** How many requests the connection takes at a time. */
  Future<Long> opened() {
    return opened.future();
  }

  Future<Void> done() {
    return done.future();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long epochNanos() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  @Override
  public void after(long delayNanos, Runnable action) {
    vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(delayNanos)), id -> action.run());
  }
}
