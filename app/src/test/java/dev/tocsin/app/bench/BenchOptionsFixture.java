package dev.tocsin.app.bench;

import dev.tocsin.otlp.wire.Signal;
import java.net.URI;
import java.util.List;
import java.util.Map;

final class BenchOptionsFixture {
  private BenchOptionsFixture() {}

  static BenchOptions of(
      Protocol protocol, BodyCompression compression, boolean unique, double itemsPerSecond) {
    return new BenchOptions(
        URI.create("http://127.0.0.1:4317"),
        Signal.TRACES,
        protocol,
        compression,
        16,
        8,
        itemsPerSecond,
        4,
        8,
        1_000,
        10_000,
        5_000,
        42,
        unique,
        false,
        false,
        0,
        Map.of("authorization", "Bearer secret"),
        List.of());
  }
}
