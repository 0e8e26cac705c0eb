package dev.tocsin.ingest.ports;

import dev.tocsin.otlp.wire.OtlpPart;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.Future;
import java.util.List;

/**
 * Where accepted telemetry goes. Methods return at once and may be called from any thread; futures
 * complete on the caller's context.
 */
public interface TelemetrySink {

  /**
   * Over how many partitions a signal is spread, at least 1.
   *
   * @throws RefusedException retryable, when that is not known now
   */
  int partitions(Signal signal);

  /**
   * Completes when every part is durable, in any order. Fails with {@link RefusedException} once
   * every part has been settled one way or the other; parts may then be durable none the less, and
   * a client that retries causes duplicates, which storage removes.
   */
  Future<Void> send(Signal signal, List<OtlpPart> parts);
}
