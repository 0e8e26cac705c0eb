package dev.tocsin.alert.window.fill;

import dev.tocsin.alert.window.Selection;
import dev.tocsin.alert.window.WindowFeed;

/** What the evaluation thread asks of the thread that fills the window, and how far that is. */
public final class SampleFeed implements WindowFeed {
  private volatile Request request = new Request(0, Selection.NONE);
  private volatile Told told = new Told(-1, 0, 0, Fill.NEVER);

  /** Asks for the window to be filled anew whenever the generation is another. */
  record Request(long generation, Selection selection) {}

  private record Told(long generation, long throughMs, long records, long wentBackFromMs) {}

  /** Called by the evaluation thread only. */
  @Override
  public synchronized void follow(Selection selection) {
    request = new Request(request.generation + 1, selection);
  }

  @Override
  public Fill fill() {
    Told now = told;
    return new Fill(
        now.generation == request.generation, now.throughMs, now.records, now.wentBackFromMs);
  }

  Request request() {
    return request;
  }

  /** All that was in Kafka at that time is in the window. */
  void filled(long generation, long throughMs, long wentBackFromMs) {
    told = new Told(generation, throughMs, told.records, wentBackFromMs);
  }

  /** So many records have been taken in since the start. */
  void taken(long records) {
    Told before = told;
    told = new Told(before.generation, before.throughMs, records, before.wentBackFromMs);
  }
}
