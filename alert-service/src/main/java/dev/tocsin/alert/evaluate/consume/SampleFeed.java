package dev.tocsin.alert.evaluate.consume;

import dev.tocsin.alert.evaluate.WindowFeed;
import dev.tocsin.alert.evaluate.window.Selection;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** What the evaluation thread asks of the thread that fills the window, and how far that is. */
final class SampleFeed implements WindowFeed {
  private final MeterRegistry metrics;
  private final AtomicLong lag = new AtomicLong();
  private volatile Request request = new Request(0, Selection.NONE);
  private volatile long filledGeneration = -1;

  /** Asks for the window to be filled anew whenever the generation is another. */
  record Request(long generation, Selection selection) {}

  SampleFeed(MeterRegistry metrics) {
    this.metrics = metrics;
    Gauge.builder("tocsin.window.lag.records", lag, AtomicLong::get)
        .description("Records in Kafka that are not in the live window yet")
        .register(metrics);
  }

  /** Called by the evaluation thread only. */
  @Override
  public synchronized void follow(Selection selection) {
    request = new Request(request.generation + 1, selection);
  }

  @Override
  public boolean ready() {
    return filledGeneration == request.generation;
  }

  Request request() {
    return request;
  }

  void filled(long generation) {
    filledGeneration = generation;
  }

  /** The window is about to be filled anew by somebody else. */
  void lost() {
    filledGeneration = -1;
  }

  void behind(long records) {
    lag.set(records);
  }

  void malformed(String topic) {
    metrics.counter("tocsin.window.malformed.records", "topic", topic).increment();
  }
}
