package dev.tocsin.storage.write.consume;

import dev.tocsin.storage.ports.Batch;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A real buffer whose code some records break. */
final class SimPoison implements Buffer {
  private final Buffer buffer;
  private final Function<ConsumerRecord<byte[], byte[]>, SimExport.Kind> kinds;
  private boolean unencodable;
  private boolean deep;

  SimPoison(Buffer buffer, Function<ConsumerRecord<byte[], byte[]>, SimExport.Kind> kinds) {
    this.buffer = buffer;
    this.kinds = kinds;
  }

  @Override
  public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
    SimExport.Kind kind = kinds.apply(message);
    if (kind == SimExport.Kind.THROWS) {
      throw new IllegalStateException("thrown by " + message.offset());
    }
    unencodable |= kind == SimExport.Kind.UNENCODABLE;
    deep |= kind == SimExport.Kind.DEEP;
    return buffer.add(message);
  }

  @Override
  public int items() {
    return buffer.items();
  }

  @Override
  public Supplier<Batch.Content> drain(long offset) {
    boolean breaks = unencodable;
    boolean overflows = deep;
    unencodable = false;
    deep = false;
    Supplier<Batch.Content> drained = buffer.drain(offset);
    return () -> {
      if (breaks) {
        throw new IllegalStateException("simulated: cannot be encoded");
      }
      if (overflows) {
        throw new StackOverflowError("simulated: nested too deep");
      }
      return drained.get();
    };
  }

  @Override
  public void stored() {
    buffer.stored();
  }

  @Override
  public void close() {
    buffer.close();
  }
}
