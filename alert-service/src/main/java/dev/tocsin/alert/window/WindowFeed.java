package dev.tocsin.alert.window;

/** Fills the live window from the stream. */
public interface WindowFeed {
  /** Empties the window and begins to fill it for another selection, from its range ago on. */
  void follow(Selection selection);

  /** How far the window is filled for the last selection asked for; from any thread. */
  Fill fill();

  /**
   * How far a window is filled.
   *
   * @param filled whether it has ever been filled up to the present
   * @param throughMs everything that was in the stream at this time, by the clock, has been taken
   *     in; means nothing before it was filled
   * @param records taken in so far: as long as the number changes, the filling gets on
   * @param wentBackFromMs the latest time, by the stream, from which its records went back while it
   *     was filled, as they do when the clock was set back; {@link #NEVER} when they did not
   */
  record Fill(boolean filled, long throughMs, long records, long wentBackFromMs) {
    /** The records' times only went on. */
    public static final long NEVER = Long.MIN_VALUE;
  }
}
