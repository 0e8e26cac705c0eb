package dev.tocsin.common.contract;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An API key on the compacted topic {@link Topic#ACCESS}, key = {@link #keyId}. A tombstone deletes
 * the key. The secret itself is nowhere; it must be random (128 bits or more), since the hash is
 * not salted.
 *
 * @param keyId public name of the key, for metrics and logs
 * @param sha256 of the whole secret as its holder sends it, in lower-case hex
 * @param name for people
 * @param scopes what it may send: {@code traces}, {@code metrics}, {@code logs}, {@code profiles};
 *     readers pass over those they do not know
 * @param origins of web pages that may use it; empty for no rule
 */
public record AccessKeyRecord(
    String keyId,
    String sha256,
    String name,
    List<String> scopes,
    Limits limits,
    List<String> origins,
    boolean revoked,
    Instant createdAt,
    @Nullable Instant expiresAt) {
  private static final int VERSION = 1;
  private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  /** Every scope there is now. */
  public static final List<String> ALL_SCOPES = List.of("traces", "metrics", "logs", "profiles");

  /**
   * How much a key may send; 0 for no limit.
   *
   * @param requestBurst how many requests may come at once
   * @param bytesPerSecond of bodies as they are sent, compressed or not
   * @param byteBurst how many bytes may come at once
   */
  public record Limits(
      long requestsPerMinute, long requestBurst, long bytesPerSecond, long byteBurst) {
    public static final Limits NONE = new Limits(0, 0, 0, 0);

    /**
     * @throws ContractException when a limit is negative, or set without its burst
     */
    public Limits {
      if (requestsPerMinute < 0 || requestBurst < 0 || bytesPerSecond < 0 || byteBurst < 0) {
        throw new ContractException("a limit is negative (expected: 0 for none, or more)", null);
      }
      requestBurst = requestsPerMinute > 0 ? Math.max(1, requestBurst) : 0;
      byteBurst = bytesPerSecond > 0 && byteBurst == 0 ? bytesPerSecond : byteBurst;
    }
  }

  /**
   * @throws ContractException when id or hash are not of their form
   */
  public AccessKeyRecord {
    if (!KEY_ID.matcher(keyId).matches()) {
      throw new ContractException(
          "key id: " + keyId + " (expected: up to 64 letters, digits, '.', '_' or '-')", null);
    }
    if (!SHA_256.matcher(sha256).matches()) {
      throw new ContractException(
          "sha256 of key " + keyId + " (expected: 64 lower-case hexadecimal digits)", null);
    }
    scopes = List.copyOf(scopes);
    origins = List.copyOf(origins);
  }

  public byte[] encode() {
    return new JsonObject()
        .put("version", VERSION)
        .put("keyId", keyId)
        .put("sha256", sha256)
        .put("name", name)
        .put("scopes", new JsonArray(scopes))
        .put(
            "limits",
            new JsonObject()
                .put("requestsPerMinute", limits.requestsPerMinute)
                .put("requestBurst", limits.requestBurst)
                .put("bytesPerSecond", limits.bytesPerSecond)
                .put("byteBurst", limits.byteBurst))
        .put("origins", new JsonArray(origins))
        .put("revoked", revoked)
        .put("createdAt", createdAt.toString())
        .put("expiresAt", Json.text(expiresAt))
        .toBuffer()
        .getBytes();
  }

  /**
   * @throws ContractException when it is no access key
   */
  public static AccessKeyRecord decode(byte[] bytes) {
    return Json.decode("access key", bytes, AccessKeyRecord::of);
  }

  private static AccessKeyRecord of(JsonObject json) {
    JsonObject limits = json.getJsonObject("limits", new JsonObject());
    return new AccessKeyRecord(
        json.getString("keyId"),
        json.getString("sha256"),
        json.getString("name", ""),
        json.containsKey("scopes") ? texts(json.getJsonArray("scopes")) : ALL_SCOPES,
        new Limits(
            limits.getLong("requestsPerMinute", 0L),
            limits.getLong("requestBurst", 0L),
            limits.getLong("bytesPerSecond", 0L),
            limits.getLong("byteBurst", 0L)),
        texts(json.getJsonArray("origins", new JsonArray())),
        json.getBoolean("revoked", false),
        Instant.parse(json.getString("createdAt")),
        Json.instant(json.getString("expiresAt")));
  }

  private static List<String> texts(JsonArray array) {
    return array.stream().map(String::valueOf).toList();
  }
}
