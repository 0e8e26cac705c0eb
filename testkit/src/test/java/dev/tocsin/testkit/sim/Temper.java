package dev.tocsin.testkit.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a record of the kernel's simulation does to the work that gets it; its value is the name.
 */
enum Temper {
  GOOD(true, false),
  /** Only part of it can be used. */
  PARTLY(true, true),
  /** The work knows that it cannot be used. */
  UNUSABLE(false, true),
  /** Makes the work throw. */
  THROWS(false, true),
  /** Overflows the work's stack. */
  DEEP(false, true),
  /** Makes the flush fail that has it. */
  UNSTORABLE(false, true),
  /** The same, and the work knows whose fault it is. */
  BLAMED(false, true),
  /** Cannot be stored together with others of its partition. */
  LONER(true, false),
  /** Makes the database look ill whenever it is to be stored. */
  CHOKING(false, true);

  final boolean isUsed;
  final boolean isPutAside;

  Temper(boolean isUsed, boolean isPutAside) {
    this.isUsed = isUsed;
    this.isPutAside = isPutAside;
  }

  byte[] value() {
    return name().getBytes(UTF_8);
  }

  static Temper of(ConsumerRecord<byte[], byte[]> message) {
    return valueOf(new String(message.value(), UTF_8));
  }

  static Temper of(SimRecord written) {
    return valueOf(new String(written.value(), UTF_8));
  }

  /** Mostly good; one in so many is not. Those that choke are for seeds of their own. */
  static byte[] any(SimScheduler chance, int goodShare, boolean mayChoke) {
    if (chance.pick(goodShare) > 0) {
      return GOOD.value();
    }
    return values()[chance.pick(values().length - (mayChoke ? 0 : 1))].value();
  }
}
