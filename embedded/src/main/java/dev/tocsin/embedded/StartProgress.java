package dev.tocsin.embedded;

/**
 * Told about each stage of a start-up, on the starting thread, so that people see why they wait.
 */
@FunctionalInterface
public interface StartProgress {
  /** Called when a stage begins, for example {@code unpacking PostgreSQL 18.4}. */
  void stage(String description);

  /** A listener that ignores everything. */
  static StartProgress silent() {
    return description -> {};
  }
}
