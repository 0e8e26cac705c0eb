package dev.tocsin.common.contract;

import io.vertx.core.json.JsonObject;

/**
 * A rule group on the compacted topic {@link Topic#RULES}, key = {@link #name}. A tombstone deletes
 * the group.
 *
 * @param name unique over all sources: {@code <source>/<group>}
 * @param source where it is kept: {@code default}, {@code file} or {@code api}
 * @param yaml a Prometheus rule file holding exactly this group
 */
public record RuleGroupRecord(String name, String source, String yaml) {
  private static final int VERSION = 1;

  public RuleGroupRecord {
    name = Json.asInKey(name);
  }

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put("name", name)
        .put("source", source)
        .put("yaml", yaml)
        .toBuffer()
        .getBytes();
  }

  /**
   * @throws ContractException when it is no rule group
   */
  public static RuleGroupRecord decode(byte[] bytes) {
    return Json.decode(
        "rule group",
        bytes,
        json ->
            new RuleGroupRecord(
                json.getString("name"), json.getString("source"), json.getString("yaml")));
  }
}
