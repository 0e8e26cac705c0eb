package dev.tocsin.common.contract;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/**
 * A rule group's owner says on {@link Topic#ALERTS} that it is alive: every statement it has made
 * about alerts of this partition up to {@code at} stands before this record in the partition. It is
 * written to every partition of the topic, without a key, beside or after the statements of the
 * same evaluation, and only when that evaluation went well.
 *
 * <p>Who reads it may take a statement that was not repeated until its {@code endsAt} for over once
 * a heartbeat of the same group with a later {@code at} has come in the same partition; without one
 * nothing is known, because it is the source that is silent.
 *
 * @param ruleGroup key of the group, as in {@link AlertEvent}
 * @param source names the alert-service that owns the group now
 * @param at of the evaluation, by the clock that {@link AlertEvent#endsAt} goes by
 */
public record AlertHeartbeat(String ruleGroup, String source, Instant at) {
  private static final int VERSION = 1;
  private static final String KIND = "heartbeat";

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put("kind", KIND)
        .put("ruleGroup", ruleGroup)
        .put("source", source)
        .put("at", at.toString())
        .toBuffer()
        .getBytes();
  }

  /**
   * The heartbeat, or empty when the record is something else, such as an {@link AlertEvent}.
   *
   * @throws ContractException when it is no JSON, or a heartbeat that lacks a field
   */
  public static Optional<AlertHeartbeat> decode(byte[] bytes) {
    return Json.decode(
        "alert heartbeat",
        bytes,
        json ->
            KIND.equals(json.getValue("kind"))
                ? Optional.of(
                    new AlertHeartbeat(
                        required(json, "ruleGroup"),
                        required(json, "source"),
                        Instant.parse(required(json, "at"))))
                : Optional.empty());
  }

  private static String required(JsonObject json, String key) {
    String text = json.getString(key);
    if (text == null || text.isEmpty()) {
      throw new IllegalArgumentException(key + " is missing (expected: a text)");
    }
    return text;
  }
}
