package dev.tocsin.common.contract;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A transition of an incident on {@link Topic#INCIDENTS}, key = incident id.
 *
 * @param id of this event, stable over retries
 * @param transition {@code triggered}, {@code escalated}, {@code acknowledged} or {@code resolved}
 * @param status of the incident afterwards
 * @param actor who caused it: {@code alert}, {@code timer} or a user name
 */
public record IncidentEvent(
    String id,
    long incidentId,
    String transition,
    String status,
    String actor,
    Instant at,
    String fingerprint,
    String title,
    String severity) {
  private static final int VERSION = 1;

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put("id", id)
        .put("incidentId", incidentId)
        .put("transition", transition)
        .put("status", status)
        .put("actor", actor)
        .put("at", at.toString())
        .put("fingerprint", fingerprint)
        .put("title", title)
        .put("severity", severity)
        .toBuffer()
        .getBytes();
  }

  /**
   * @throws ContractException when it is no incident event
   */
  public static IncidentEvent decode(byte[] bytes) {
    return Json.decode(
        "incident event",
        bytes,
        json ->
            new IncidentEvent(
                json.getString("id"),
                json.getLong("incidentId"),
                json.getString("transition"),
                json.getString("status"),
                json.getString("actor"),
                Instant.parse(json.getString("at")),
                json.getString("fingerprint"),
                json.getString("title"),
                json.getString("severity")));
  }
}
