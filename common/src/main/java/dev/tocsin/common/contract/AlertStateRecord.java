package dev.tocsin.common.contract;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one alert instance on the compacted topic {@link Topic#ALERT_STATE}, so that a new
 * owner of its rule group goes on exactly where the last one stood. A tombstone forgets it.
 *
 * @param state {@code pending}, {@code firing} or {@code inactive} (resolved and still remembered)
 */
public record AlertStateRecord(
    String ruleGroup,
    String rule,
    String fingerprint,
    Map<String, String> labels,
    Map<String, String> annotations,
    String state,
    Instant activeAt,
    @Nullable Instant firedAt,
    @Nullable Instant resolvedAt,
    @Nullable Instant lastSentAt,
    @Nullable Instant keepFiringSince,
    String value) {
  private static final int VERSION = 1;

  public AlertStateRecord {
    ruleGroup = Json.asInKey(ruleGroup);
    rule = Json.asInKey(rule);
  }

  /** The record's key: group, rule and fingerprint, separated by a character none of them holds. */
  public String key() {
    return ruleGroup + "\u001f" + rule + "\u001f" + fingerprint;
  }

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put("ruleGroup", ruleGroup)
        .put("rule", rule)
        .put("fingerprint", fingerprint)
        .put("labels", Json.of(labels))
        .put("annotations", Json.of(annotations))
        .put("state", state)
        .put("activeAt", activeAt.toString())
        .put("firedAt", Json.text(firedAt))
        .put("resolvedAt", Json.text(resolvedAt))
        .put("lastSentAt", Json.text(lastSentAt))
        .put("keepFiringSince", Json.text(keepFiringSince))
        .put("value", value)
        .toBuffer()
        .getBytes();
  }

  /**
   * @throws ContractException when it is no alert state
   */
  public static AlertStateRecord decode(byte[] bytes) {
    return Json.decode(
        "alert state",
        bytes,
        json ->
            new AlertStateRecord(
                json.getString("ruleGroup"),
                json.getString("rule"),
                json.getString("fingerprint"),
                Json.texts(json.getJsonObject("labels")),
                Json.texts(json.getJsonObject("annotations")),
                json.getString("state"),
                Instant.parse(json.getString("activeAt")),
                Json.instant(json.getString("firedAt")),
                Json.instant(json.getString("resolvedAt")),
                Json.instant(json.getString("lastSentAt")),
                Json.instant(json.getString("keepFiringSince")),
                json.getString("value", "")));
  }
}
