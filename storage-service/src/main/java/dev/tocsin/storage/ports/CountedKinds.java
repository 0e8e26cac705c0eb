package dev.tocsin.storage.ports;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which spans rates, errors and durations are about, by their OTLP kind. A span without a kind, or
 * of one nobody knows, counts as internal, as OpenTelemetry has it.
 *
 * @param codes of OTLP, 1 (internal) to 5 (consumer)
 */
public record CountedKinds(Set<Integer> codes) {
  private static final int INTERNAL = 1;
  private static final int SERVER = 2;
  private static final int CLIENT = 3;
  private static final int PRODUCER = 4;
  private static final int CONSUMER = 5;

  /**
   * What others asked of a service: a request that it passes on and takes apart is one request,
   * however many client and internal spans tell of it.
   */
  public static final CountedKinds REQUESTS = new CountedKinds(Set.of(SERVER, CONSUMER));

  public static final CountedKinds ALL =
      new CountedKinds(Set.of(INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER));

  public CountedKinds {
    codes = Set.copyOf(codes);
    if (codes.isEmpty() || !Set.of(1, 2, 3, 4, 5).containsAll(codes)) {
      throw new IllegalArgumentException("kinds: " + codes + " (expected: some of 1-5)");
    }
  }

  /** In ascending order, as the database takes them. */
  public Integer[] toArray() {
    return new TreeSet<>(codes).toArray(Integer[]::new);
  }
}
