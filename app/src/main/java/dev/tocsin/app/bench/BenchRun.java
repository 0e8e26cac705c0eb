package dev.tocsin.app.bench;

import dev.tocsin.common.runtime.FailureText;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run: opens the connections, lets every lane go at the same moment, and watches. */
final class BenchRun {
  private static final long CONNECT_TIMEOUT_MS = 10_000;
  private static final long GRACE_MS = 5_000;

  /** From the word "go" until the first request is due, so that every lane hears it in time. */
  private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final BenchOptions wanted;
  private final ProgressLine progress;

  BenchRun(BenchOptions options, ProgressLine progress) {
    this.wanted = options;
    this.progress = progress;
  }

  /** Blocks for as long as the run takes. */
  Report run() throws BenchFailure, InterruptedException {
    int loops = Math.min(wanted.connections(), Runtime.getRuntime().availableProcessors());
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops));
    try {
      return run(vertx);
    } finally {
      await(vertx.close(), GRACE_MS, "cannot end the run");
    }
  }

  private Report run(Vertx vertx) throws BenchFailure, InterruptedException {
    HttpClientAgent client = vertx.createHttpClient(clientOptions());
    Promise<LaneVerticle.Lanes> begin = Promise.promise();
    List<LaneVerticle> lanes = new ArrayList<>();
    List<Future<?>> deployments = new ArrayList<>();
    for (int number = 0; number < wanted.connections(); number++) {
      LaneVerticle lane = new LaneVerticle(wanted, client, number, begin.future());
      lanes.add(lane);
      deployments.add(vertx.deployVerticle(lane, new DeploymentOptions()));
    }
    await(Future.join(deployments), 2 * CONNECT_TIMEOUT_MS, "cannot reach " + wanted.endpoint());
    BenchOptions options = wanted.withInFlight(possibleInFlight(lanes));
    RequestTemplate batch =
        Batches.of(options.signal(), options.protocol(), options.items(), options.spansPerTrace());
    List<Buffer> pool =
        options.compression() == BodyCompression.NONE || options.unique()
            ? List.of()
            : Payloads.pool(options, batch, System.currentTimeMillis() * 1_000_000);
    Tally tally = new Tally(options.items());
    Instant startedAt = Instant.now();
    long start = System.nanoTime() + HEAD_START_NANOS;
    long measured = start + TimeUnit.MILLISECONDS.toNanos(options.warmUpMs());
    long end = measured + TimeUnit.MILLISECONDS.toNanos(options.durationMs());
    begin.complete(
        (number, wire, ticker) ->
            new LoadLane(
                new Schedule(
                    start,
                    end,
                    options.itemsPerSecond() / options.items(),
                    number,
                    options.connections()),
                measured,
                options.inFlight(),
                options.retry(),
                // Each lane writes into a batch of its own.
                pool.isEmpty() ? freshPayloads(options) : Payloads.pooled(pool),
                wire,
                ticker,
                tally));
    Watch watch = new Watch(options, tally, progress);
    Watch.Seen seen = watch.follow(start, measured, end);
    await(
        Future.all(lanes.stream().map(LaneVerticle::done).toList()),
        options.timeoutMs() + GRACE_MS,
        "requests without an end");
    progress.end();
    return new Report(
        options,
        startedAt.toString(),
        seen.seconds(),
        pool.isEmpty() ? batch.length() : pool.get(0).length(),
        seen.items(),
        tally.measuredAcknowledged(),
        tally.measuredUnsent(),
        tally.retries(),
        tally.measuredRejectedItems(),
        tally.measuredErrors(),
        tally.acknowledgedItems(),
        tally.acknowledgedRequests(),
        watch.latencies(),
        seen.processes());
  }

  private static Payloads freshPayloads(BenchOptions options) {
    RequestTemplate own =
        Batches.of(options.signal(), options.protocol(), options.items(), options.spansPerTrace());
    return Payloads.fresh(options, own, options.inFlight());
  }

  private int possibleInFlight(List<LaneVerticle> lanes) {
    long streams =
        lanes.stream().mapToLong(lane -> lane.opened().result()).min().orElse(Long.MAX_VALUE);
    if (streams >= wanted.inFlight()) {
      return wanted.inFlight();
    }
    progress.note(
        "the receiver takes %d requests at a time per connection, not %d: %d in flight in all; for more, raise --connections"
            .formatted(streams, wanted.inFlight(), streams * wanted.connections()));
    return (int) streams;
  }

  /** Windows and frames sized for batches of a few hundred KiB, as the receiver's are. */
  private HttpClientOptions clientOptions() {
    HttpClientOptions client =
        new HttpClientOptions()
            .setConnectTimeout((int) CONNECT_TIMEOUT_MS)
            .setSendBufferSize(1 << 20)
            .setTcpNoDelay(true)
            .setSsl("https".equals(wanted.endpoint().getScheme()))
            .setTrustAll(wanted.trustAll())
            .setVerifyHost(!wanted.trustAll());
    if (wanted.protocol() != Protocol.GRPC) {
      return client;
    }
    return client
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false)
        .setUseAlpn(client.isSsl())
        .setInitialSettings(
            new Http2Settings().setInitialWindowSize(1 << 20).setMaxFrameSize(256 << 10))
        .setHttp2ConnectionWindowSize(8 << 20);
  }

  private static void await(Future<?> future, long timeoutMs, String problem)
      throws BenchFailure, InterruptedException {
    try {
      future.toCompletionStage().toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new BenchFailure(problem + ": " + FailureText.of(cause), cause);
    } catch (TimeoutException e) {
      throw new BenchFailure(problem + " within " + timeoutMs + " ms", e);
    }
  }
}
