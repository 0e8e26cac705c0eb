package dev.tocsin.storage.write.consume;

import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Source;
import dev.tocsin.segment.core.Sources;
import dev.tocsin.storage.ports.Batch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Spans or log records of one partition, filed by the hour, as the bytes they came in. */
final class ItemBuffer implements Buffer {
  private final Items kind;
  private final Window window;
  private final Sources sources = new Sources();
  private final HourlyRows rows = new HourlyRows();
  private int repeated;

  /** What tells spans from log records; of one buffer. */
  interface Items {
    Signal signal();

    /** What they are and what of them must lie in the window, as people are told. */
    String named(int count, Window window);

    /**
     * When it was, from its serialized form.
     *
     * @param arrivedNanos when Kafka got it
     */
    long nanos(byte[] bytes, int from, int to, long arrivedNanos);

    /**
     * Whether it is none of those taken lately; takes note of it. What is repeated is left out, for
     * it is stored with the one before, or both are read again by another buffer.
     */
    default boolean isNew(Source source, byte[] bytes, int from, int to) {
      return true;
    }

    /**
     * As {@link #isNew(Source, byte[], int, int)} of all that a record holds, for items that may be
     * equal and yet not the same.
     */
    default boolean isNew(OtlpRequest record) {
      return true;
    }

    /** Called by one encoder at a time. */
    Batch.Content encode(List<ItemRows> hours, long offset);

    /** What was encoded last is stored. */
    default void stored() {}
  }

  ItemBuffer(Items kind, Window window) {
    this.kind = kind;
    this.window = window;
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
    byte[] bytes = message.value();
    long arrived = TimeUnit.MILLISECONDS.toNanos(message.timestamp());
    OtlpRequest request = OtlpScanner.scan(kind.signal(), bytes);
    if (!kind.isNew(request)) {
      repeated += request.items();
      return Optional.empty();
    }
    Source[] all = sources.of(request);
    IntStream.Builder outside = IntStream.builder();
    int refused = 0;
    for (int entry = 0; entry < request.entryCount(); entry++) {
      int end = request.entryEnd(entry);
      int from = Sources.contentStart(bytes, request.entryStart(entry), end);
      long nanos = kind.nanos(bytes, from, end, arrived);
      if (window.containsNanos(nanos)) {
        Source source = all[request.entryScope(entry)];
        if (kind.isNew(source, bytes, from, end)) {
          rows.at(nanos).add(source, bytes, from, end, nanos);
        } else {
          repeated++;
        }
      } else {
        outside.add(entry);
        refused++;
      }
    }
    return refused == 0
        ? Optional.empty()
        : Optional.of(
            new Rejected(
                "time_outside",
                kind.named(refused, window),
                refused,
                OtlpSplitter.only(request, outside.build().toArray())));
  }

  @Override
  public int items() {
    return rows.items();
  }

  @Override
  public int drainRepeated() {
    int drained = repeated;
    repeated = 0;
    return drained;
  }

  @Override
  public Supplier<Batch.Content> drain(long offset) {
    List<ItemRows> drained = rows.drain();
    return () -> kind.encode(drained, offset);
  }

  @Override
  public void stored() {
    kind.stored();
    rows.stored();
  }
}
