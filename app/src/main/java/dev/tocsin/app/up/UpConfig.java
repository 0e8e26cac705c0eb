package dev.tocsin.app.up;

import dev.tocsin.app.demo.DemoOptions;
import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;

/** What {@code tocsin up} itself is told; section {@code [app]}. */
record UpConfig(int kafkaHeapMegabytesMax, String postgresSharedBuffers, DemoOptions demo) {

  static UpConfig from(Settings settings) {
    Section app = settings.section("app");
    return new UpConfig(
        app.integer("kafka_heap_megabytes", 256, 96, 65_536),
        app.string("postgres_shared_buffers", "128MB"),
        DemoOptions.from(settings));
  }
}
