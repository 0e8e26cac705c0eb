package dev.tocsin.testkit.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HostileExportsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  @Test
  void exports_areTheSame_forTheSameSeed() {
    for (long seed = 0; seed < 60; seed++) {
      Export export = HostileExports.of(seed, NOW);
      Export again = HostileExports.of(seed, NOW);
      assertThat(again.body()).as(export.toString()).isEqualTo(export.body());
      assertThat(again).hasToString(export.toString());
    }
  }

  /** Else they would be refused at the door, and no consumer would meet them. */
  @Test
  void exports_areTakenByTheScanner_mostly() {
    Map<Signal, Integer> taken = new EnumMap<>(Signal.class);
    for (long seed = 0; seed < 300; seed++) {
      Export export = HostileExports.of(seed, NOW);
      if (export.format() == Format.PROTOBUF && takes(export)) {
        taken.merge(export.signal(), 1, Integer::sum);
      }
    }
    assertThat(taken).hasSize(3).allSatisfy((signal, count) -> assertThat(count).isPositive());
    assertThat(taken.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(150);
  }

  private static boolean takes(Export export) {
    try {
      return OtlpScanner.scan(export.signal(), export.body()).items() >= 0;
    } catch (MalformedOtlpException refused) {
      return false;
    }
  }

  @Test
  void shapes_areTakenByTheScanner_withEveryItemKnown() {
    for (Signal signal : List.of(Signal.TRACES, Signal.METRICS, Signal.LOGS)) {
      long nowNanos = NOW.toEpochMilli() * 1_000_000;
      for (var shape : new Shapes(new SplittableRandom(1), nowNanos).of(signal)) {
        var request = shape.request().get().build();
        assertThat(OtlpScanner.scan(signal, request.toByteArray()).items())
            .as("%s: %s", signal, shape.name())
            .isEqualTo(Requests.items(request));
      }
    }
  }

  @Test
  void markers_areOneItemOfEachSignal() {
    Marker marker = new Marker(7, NOW);
    for (Signal signal : List.of(Signal.TRACES, Signal.METRICS, Signal.LOGS)) {
      var scanned = OtlpScanner.scan(signal, marker.request(signal));
      assertThat(scanned.items()).isOne();
      assertThat(scanned.rejected()).isEmpty();
    }
  }
}
