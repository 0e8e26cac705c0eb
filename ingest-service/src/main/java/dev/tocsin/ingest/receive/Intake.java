package dev.tocsin.ingest.receive;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.telemetry.RequestMetrics;
import dev.tocsin.ingest.access.Access;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.json.JsonTranscoder;
import dev.tocsin.ingest.limits.StorageLimits;
import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.ports.TelemetrySink;
import dev.tocsin.ingest.process.ItemProcessor;
import dev.tocsin.otlp.wire.OtlpSplit;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Random;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a whole body to Kafka. Small bodies are prepared on the caller's event loop; large
 * ones would hold it up and go to a small worker pool. Thread-safe, one for all receivers.
 */
public final class Intake implements Component {
  private static final Logger log = LoggerFactory.getLogger(Intake.class);

  /** Preparing so much takes about a millisecond. */
  private static final int LOOP_BYTES_MAX = 1 << 20;

  private static final int LOOP_COMPRESSED_BYTES_MAX = 128 << 10;

  private final RequestLimits limits;
  private final Access access;
  private final Admission admission;
  private final TelemetrySink sink;
  private final RequestMetrics requests;
  private final CallLog.Book calls;
  private final LongSupplier nanoTime;
  private final Preparation preparation;
  private final RetryDelay retryDelay;
  private final Vertx vertx;
  private volatile @Nullable WorkerExecutor workers;

  /**
   * @param storageLimits by which items are judged
   * @param unstorable is told of those that lie outside
   * @param nanoTime a monotonic clock
   */
  public Intake(
      Vertx vertx,
      RequestLimits limits,
      ItemProcessor processor,
      Access access,
      Admission admission,
      TelemetrySink sink,
      RequestMetrics requests,
      StorageLimits storageLimits,
      Rejections rejections,
      UnstorableWatch unstorable,
      MeterRegistry registry,
      LongSupplier nanoTime) {
    this.vertx = vertx;
    this.limits = limits;
    this.access = access;
    this.admission = admission;
    this.sink = sink;
    this.requests = requests;
    this.retryDelay = new RetryDelay(limits.retryDelayMs(), new Random());
    this.preparation =
        new Preparation(
            new JsonTranscoder(limits.bytesMax()),
            processor,
            storageLimits,
            sink,
            registry,
            limits.bytesMax());
    this.calls = new CallLog.Book(requests, rejections, unstorable, registry);
    this.nanoTime = nanoTime;
  }

  public RequestLimits limits() {
    return limits;
  }

  Admission admission() {
    return admission;
  }

  public RequestMetrics requests() {
    return requests;
  }

  /** What refusals tell clients. */
  public RetryDelay retryDelay() {
    return retryDelay;
  }

  /** Who may send. */
  public Access access() {
    return access;
  }

  CallLog.Book calls() {
    return calls;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** An inflater with the configured limits, for one thread. */
  public Inflater inflater() {
    return new Inflater(limits.bytesMax(), limits.inflationRatioMax());
  }

  /**
   * Completes when the records are durable; fails with {@link RefusedException} only. Nothing is
   * sent any more when the call ended meanwhile: its client was told to come again, or has gone.
   */
  Future<ExportResult> accept(
      Payload payload,
      ContentEncoding encoding,
      byte[] body,
      Inflater inflater,
      Admission.Permit permit,
      CallLog call) {
    return prepare(payload, encoding, body, inflater, permit)
        .compose(split -> publish(payload, split, call))
        .recover(failure -> Future.failedFuture(classify(failure)));
  }

  private Future<OtlpSplit> prepare(
      Payload payload,
      ContentEncoding encoding,
      byte[] body,
      Inflater inflater,
      Admission.Permit permit) {
    int loopMax = encoding == ContentEncoding.IDENTITY ? LOOP_BYTES_MAX : LOOP_COMPRESSED_BYTES_MAX;
    if (body.length <= loopMax) {
      try {
        return Future.succeededFuture(
            preparation.prepare(payload, encoding, body, inflater, permit));
      } catch (RuntimeException e) {
        return Future.failedFuture(e);
      }
    }
    WorkerExecutor pool = workers;
    if (pool == null) {
      return Future.failedFuture(
          new RefusedException(Reason.STOPPING, "the receiver is stopping; try again"));
    }
    return pool.executeBlocking(
        () -> {
          try (Inflater own = inflater()) {
            return preparation.prepare(payload, encoding, body, own, permit);
          }
        },
        false);
  }

  @Override
  public String name() {
    return "intake";
  }

  @Override
  public Future<Void> start() {
    workers =
        vertx.createSharedWorkerExecutor(
            "ingest-large-bodies", Runtime.getRuntime().availableProcessors());
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    WorkerExecutor pool = workers;
    workers = null;
    return pool == null ? Future.succeededFuture() : pool.close();
  }

  private Future<ExportResult> publish(Payload payload, OtlpSplit split, CallLog call) {
    Reason end = call.end();
    if (end != null) {
      call.refused(split, end);
      return Future.failedFuture(new RefusedException(end, "the call was over before it was sent"));
    }
    Future<Void> sent =
        split.parts().isEmpty()
            ? Future.succeededFuture()
            : sink.send(payload.signal(), split.parts());
    return sent.onSuccess(ignored -> call.accepted(split))
        .onFailure(failure -> call.refused(split, classify(failure).reason()))
        .map(
            ignored ->
                new ExportResult(
                    split.accepted(), split.rejected(), split.firstCases(), split.warnings()));
  }

  private static RefusedException classify(Throwable failure) {
    if (failure instanceof RefusedException refused) {
      return refused;
    }
    log.error("a request could not be handled", failure);
    return new RefusedException(Reason.INTERNAL, "the receiver's log has the cause");
  }
}
