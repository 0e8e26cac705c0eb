package dev.tocsin.common.contract;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * One statement about an alert on {@link Topic#ALERTS}, key = fingerprint: it fires (repeated while
 * it does), or it is resolved. Field names are Alertmanager's (API v2).
 *
 * @param startsAt since when it has been firing; the same for all events of one firing
 * @param endsAt when resolved: since when; when firing: until when the statement holds without a
 *     repetition
 * @param ruleGroup and {@code rule} name the rule it comes from
 * @param value of the rule's expression, as text so that NaN and Inf survive JSON
 */
public record AlertEvent(
    Status status,
    Map<String, String> labels,
    Map<String, String> annotations,
    Instant startsAt,
    Instant endsAt,
    Instant updatedAt,
    String generatorUrl,
    String fingerprint,
    String ruleGroup,
    String rule,
    String value) {
  private static final int VERSION = 1;

  /** Firing or resolved; pending alerts are not published. */
  public enum Status {
    FIRING,
    RESOLVED
  }

  /** The same for every repetition of one statement: consumers may drop what they have seen. */
  public String eventId() {
    return fingerprint
        + "/"
        + startsAt.toEpochMilli()
        + "/"
        + status.name().toLowerCase(Locale.ROOT);
  }

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put("status", status.name().toLowerCase(Locale.ROOT))
        .put("labels", Json.of(labels))
        .put("annotations", Json.of(annotations))
        .put("startsAt", startsAt.toString())
        .put("endsAt", endsAt.toString())
        .put("updatedAt", updatedAt.toString())
        .put("generatorURL", generatorUrl)
        .put("fingerprint", fingerprint)
        .put("rule", new JsonObject().put("group", ruleGroup).put("name", rule))
        .put("value", value)
        .toBuffer()
        .getBytes();
  }

  /**
   * Reads what {@link #encode} or a later version of it wrote; unknown fields are ignored.
   *
   * @throws ContractException when it is no alert event
   */
  public static AlertEvent decode(byte[] bytes) {
    return Json.decode(
        "alert event",
        bytes,
        json -> {
          JsonObject rule = json.getJsonObject("rule");
          return new AlertEvent(
              Status.valueOf(json.getString("status").toUpperCase(Locale.ROOT)),
              Json.texts(json.getJsonObject("labels")),
              Json.texts(json.getJsonObject("annotations")),
              Instant.parse(json.getString("startsAt")),
              Instant.parse(json.getString("endsAt")),
              Instant.parse(json.getString("updatedAt")),
              json.getString("generatorURL", ""),
              json.getString("fingerprint"),
              rule.getString("group"),
              rule.getString("name"),
              json.getString("value", ""));
        });
  }
}
