package dev.tocsin.storage.write.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.testkit.sim.SimScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A record of the storage simulation, and what has to become of it.
 *
 * @param inside items that can be stored
 * @param outside items whose time cannot be stored
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity
record SimExport(Kind kind, List<Long> inside, List<Long> outside, byte[] value) {
  private static final List<Kind> KINDS = List.of(Kind.values());
  private static final int ITEMS_MAX = 3;
  private static final long OUTSIDE_NANOS = TimeUnit.DAYS.toNanos(30);

  /** What a record does to those who get it. */
  enum Kind {
    GOOD,
    /** Some of its items are too old. */
    OLD,
    /** There is nothing in it. */
    EMPTY,
    /** It is no OTLP. */
    MALFORMED,
    /** Makes the buffer throw. */
    THROWS,
    /** Cannot be encoded. */
    UNENCODABLE,
    /** Overflows the encoder's stack. */
    DEEP,
    /** The database refuses whatever has it. */
    UNSTORABLE;

    boolean isPutAside() {
      return this != GOOD && this != OLD && this != EMPTY;
    }
  }

  /**
   * Mostly good; one in so many is not.
   *
   * @param number of the record
   */
  static SimExport any(SimSignal signal, long number, SimScheduler chance, int goodShare) {
    boolean good = chance.pick(goodShare) > 0;
    Kind kind = good ? Kind.GOOD : KINDS.get(chance.pick(KINDS.size()));
    List<Long> inside = new ArrayList<>();
    List<Long> outside = new ArrayList<>();
    int items = kind == Kind.EMPTY ? 0 : 1 + chance.pick(ITEMS_MAX);
    for (int i = 0; i < items; i++) {
      boolean old = kind == Kind.OLD && chance.chance(0.6);
      (old ? outside : inside).add(SimSignal.FIRST_ITEM + number * ITEMS_MAX + i);
    }
    long nowNanos = TimeUnit.MILLISECONDS.toNanos(chance.millis());
    long spreadNanos = chance.upTo(Duration.ofHours(2)).toNanos();
    List<Long> all = new ArrayList<>(inside);
    all.addAll(outside);
    byte[] value =
        signal.request(
            all,
            item -> nowNanos - (outside.contains(item) ? OUTSIDE_NANOS : spreadNanos * (item % 2)));
    return new SimExport(kind, inside, outside, kind == Kind.MALFORMED ? damaged(value) : value);
  }

  /** Says that it is longer than it is. */
  private static byte[] damaged(byte[] value) {
    value[1] = (byte) 0x7f;
    value[2] |= (byte) 0x80;
    return value;
  }

  /** The items of a letter. */
  static List<Long> items(SimSignal signal, byte[] letter) {
    try {
      return signal.items(letter);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a letter: " + e.getMessage(), e);
    }
  }
}
