package dev.tocsin.app.conformance.check;

/**
 * One thing that a receiver does or does not.
 *
 * @param item of the checklist, such as {@code O-22}; {@code docs/conformance.md} has them all
 * @param name tells apart the cases of an item, such as {@code status-of-404}
 * @param title what is expected, in one line
 * @param section where the specification says so
 * @param large sends as much as the size limit, or waits long
 */
public record ConformanceCase(
    String item,
    String name,
    Level level,
    SignalLane lane,
    String title,
    String section,
    boolean large,
    Check check) {

  /** {@code O-22/status-of-404 http/json logs}, unique in the suite. */
  public String key() {
    return item + "/" + name + " " + lane.label();
  }
}
