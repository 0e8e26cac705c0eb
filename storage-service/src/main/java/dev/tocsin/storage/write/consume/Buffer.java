package dev.tocsin.storage.write.consume;

import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.storage.ports.Batch;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What came from one partition since its last flush; used by its poll thread only. A buffer is
 * thrown away when its partition is taken away or a flush did not take effect.
 */
interface Buffer {

  /**
   * Takes the items of one record.
   *
   * @return what cannot be stored and why, when there is any; the rest was taken
   * @throws MalformedOtlpException when the record is no OTLP; nothing was taken
   */
  Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message);

  int items();

  /** How many items were left out since the last call, as they had been taken lately. */
  default int drainRepeated() {
    return 0;
  }

  /** Bytes of heap that what was taken needs beside the bytes of its records, about. */
  default long heapBytes() {
    return 0;
  }

  /**
   * Takes everything out of the buffer, which is empty afterwards.
   *
   * @param offset from which on nothing is stored yet, at most that of the first record taken out
   * @return makes the content to store, on any thread, while the buffer fills again
   */
  Supplier<Batch.Content> drain(long offset);

  /** To be told that what was drained last is stored; before that nothing more is drained. */
  default void stored() {}

  /** To be told when it is thrown away; gives back what it shares with others. */
  default void close() {}

  /**
   * Items put aside.
   *
   * @param reason one word for the metric
   * @param value an OTLP request of only these items
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Rejected(String reason, String detail, int items, byte[] value) {}

  /** Makes the buffer of a newly assigned partition. */
  interface Factory {
    /** May wait for the store. */
    Buffer open(int part) throws Exception;
  }
}
