package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void json_hasRatesErrorsAndLatenciesByCode() {
    JsonObject json = ReportJson.of(report());
    assertThat(json.getInteger("version")).isEqualTo(1);
    assertThat(json.getDouble("itemsPerSecond")).isEqualTo(1_440);
    assertThat(json.getDouble("requestsPerSecond")).isEqualTo(90);
    assertThat(json.getLong("requests")).isEqualTo(1_000);
    assertThat(json.getDouble("errorPercent")).isEqualTo(10);
    assertThat(json.getJsonObject("errors").getMap()).isEqualTo(Map.of("UNAVAILABLE", 90L));
    assertThat(json.getJsonObject("options").getString("loop")).isEqualTo("open");
    JsonObject latency = json.getJsonObject("latencyMs");
    assertThat(latency.getDouble("p50")).isBetween(500.0, 501.0);
    assertThat(latency.getDouble("p99.9")).isBetween(999.0, 1_000.0);
    JsonObject process = json.getJsonArray("processes").getJsonObject(0);
    assertThat(process.getDouble("cpuSecondsPerMillionItems")).isEqualTo(0.5 / 14_400 * 1e6);
    assertThat(process.getLong("rssMaxBytes")).isEqualTo(3L << 20);
    assertThat(json.encode()).doesNotContain("secret");
    assertThat(new JsonObject(json.encodePrettily())).isEqualTo(new JsonObject(json.encode()));
  }

  @Test
  void text_saysWhichLoopItWas_andWhatFailed() {
    assertThat(String.join("\n", ReportText.of(report())))
        .contains(
            "open loop: 1,600 items/s due",
            "1,440 spans/s",
            "from when each was due",
            "10.00 % of 1,000 requests: 90 UNAVAILABLE, 10 due but still waiting at the end",
            "RSS 1 MiB before, 2 after, 3 at most, ? since its start");
  }

  @Test
  void meter_readsThisProcess() {
    assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs /proc");
    ProcessMeter.Reading reading = ProcessMeter.ofThisProcess().read();
    assertThat(reading.cpuSeconds()).isPositive();
    assertThat(reading.rssBytes()).isBetween(10L << 20, reading.peakRssBytes());
  }

  private static Report report() {
    Histogram latency = new Histogram(3);
    for (long ms = 1; ms <= 1_000; ms++) {
      latency.recordValue(ms * 1_000_000);
    }
    return new Report(
        BenchOptionsFixture.of(Protocol.GRPC, BodyCompression.NONE, false, 1_600),
        "2026-11-26T00:00:00Z",
        10,
        7_000,
        14_400,
        900,
        10,
        0,
        0,
        Map.of("UNAVAILABLE", 90L),
        16_000,
        1_000,
        latency,
        List.of(new Report.Usage("ingest", 1, 0.5, 1 << 20, 2 << 20, 3 << 20, -1)));
  }
}
