package dev.tocsin.testkit.sim;

/**
 * What is wrong with {@link SimKafka} now; each number is the probability that it happens to one
 * call.
 *
 * @param down nothing answers; polls just find nothing
 * @param questions a question about offsets, partitions or the group times out
 * @param polls a poll throws
 * @param repeats a poll goes some records back
 * @param forgets an offset noted in the group is lost
 * @param letters a dead letter is not acknowledged; every second one is there nevertheless
 * @param transactions a transaction fails: before anything, aborted, or undecided
 */
public record SimFaults(
    boolean down,
    double questions,
    double polls,
    double repeats,
    double forgets,
    double letters,
    double transactions) {
  /** Nothing is wrong. */
  public static final SimFaults NONE = new SimFaults(false, 0, 0, 0, 0, 0, 0);

  /** Nothing answers. */
  public static final SimFaults DOWN = new SimFaults(true, 1, 0, 0, 1, 1, 1);

  /** Everything fails now and then. */
  public static SimFaults flaky(double probability) {
    return new SimFaults(
        false, probability, probability, probability, probability, probability, probability);
  }
}
