package dev.tocsin.ingest.access;

import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What a configuration of access comes to.
 *
 * @param parts keep the keys up to date; empty when none are needed
 */
public record Keys(Access access, List<Component> parts) {

  /**
   * @param nanoTime a monotonic clock
   */
  public static Keys of(
      AccessConfig config, KafkaSettings kafka, ServiceContext context, LongSupplier nanoTime) {
    if (!config.keysNeeded()) {
      return new Keys(Access.open(), List.of());
    }
    KeyRing ring = new KeyRing(context.clock(), nanoTime);
    List<Component> parts = new ArrayList<>();
    config
        .keysFile()
        .ifPresent(
            path -> parts.add(new KeysFile(context.vertx(), path, config.keysReloadMs(), ring)));
    parts.add(new AccessTopic(kafka, ring, context.metrics()));
    return new Keys(ring, List.copyOf(parts));
  }
}
