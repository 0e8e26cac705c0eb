package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.window.Selection;

/** Fills the live window from the stream. */
public interface WindowFeed {
  /** Empties the window and begins to fill it for another selection, from its range ago on. */
  void follow(Selection selection);

  /** Whether the window is filled up to the present for the last selection asked for. */
  boolean ready();
}
