package dev.tocsin.common.contract;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * What storage takes, on the compacted topic {@link Topic#STORAGE_LIMITS}, key = {@link #KEY}.
 * Whoever accepts telemetry for it can so tell senders what would not be stored. A tombstone takes
 * it back. Of several storages the one that wrote last is believed: they should be told the same.
 *
 * @param traces how far back spans may begin
 * @param logs how far back log records may be
 * @param metrics how far back data points may be
 * @param ahead how far ahead of the clock any of them may be
 * @param labelCharsMax characters of a series' labels, names and values together
 * @param metricNameCharsMax characters of a series' name
 */
public record StorageLimitsRecord(
    Duration traces,
    Duration logs,
    Duration metrics,
    Duration ahead,
    int labelCharsMax,
    int metricNameCharsMax) {
  public static final String KEY = "telemetry";

  private static final int VERSION = 1;

  /**
   * @throws ContractException when a limit leaves room for nothing
   */
  public StorageLimitsRecord {
    requirePositive("traces", traces.toMillis());
    requirePositive("logs", logs.toMillis());
    requirePositive("metrics", metrics.toMillis());
    requirePositive("labelCharsMax", labelCharsMax);
    requirePositive("metricNameCharsMax", metricNameCharsMax);
    if (ahead.isNegative()) {
      throw new ContractException("aheadMs: " + ahead.toMillis() + " (expected: 0 or more)", null);
    }
  }

  private static void requirePositive(String what, long value) {
    if (value <= 0) {
      throw new ContractException(what + ": " + value + " (expected: above 0)", null);
    }
  }

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put(
            "backMs",
            new JsonObject()
                .put("traces", traces.toMillis())
                .put("logs", logs.toMillis())
                .put("metrics", metrics.toMillis()))
        .put("aheadMs", ahead.toMillis())
        .put("labelCharsMax", labelCharsMax)
        .put("metricNameCharsMax", metricNameCharsMax)
        .toBuffer()
        .getBytes();
  }

  /**
   * @throws ContractException when it is no record of storage's limits
   */
  public static StorageLimitsRecord decode(byte[] bytes) {
    return Json.decode("storage limits", bytes, StorageLimitsRecord::of);
  }

  private static StorageLimitsRecord of(JsonObject json) {
    JsonObject back = json.getJsonObject("backMs");
    return new StorageLimitsRecord(
        Duration.ofMillis(back.getLong("traces")),
        Duration.ofMillis(back.getLong("logs")),
        Duration.ofMillis(back.getLong("metrics")),
        Duration.ofMillis(json.getLong("aheadMs")),
        json.getInteger("labelCharsMax"),
        json.getInteger("metricNameCharsMax"));
  }
}
