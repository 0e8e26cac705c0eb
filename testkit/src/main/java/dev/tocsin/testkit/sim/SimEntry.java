package dev.tocsin.testkit.sim;

/** One offset of a log: a record, or a transaction's marker. */
final class SimEntry {
  enum State {
    COMMITTED,
    /** Of a transaction that is not decided: whoever reads committed records waits here. */
    OPEN,
    ABORTED,
    MARKER
  }

  final SimRecord content;
  State state;
  boolean damaged;

  SimEntry(SimRecord content, State state) {
    this.content = content;
    this.state = state;
  }

  boolean readable() {
    return state == State.COMMITTED;
  }
}
