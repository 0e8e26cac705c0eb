package dev.tocsin.app.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tocsin.common.contract.AccessKeyRecord;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A key that was just made.
 *
 * @param secret 256 random bits behind the key's id; kept nowhere else
 * @param stored what others may know of it
 */
record NewKey(String secret, AccessKeyRecord stored) {
  private static final int ID_BYTES = 6;
  private static final int SECRET_BYTES = 32;

  static NewKey create(
      RandomGenerator random,
      String name,
      List<String> scopes,
      AccessKeyRecord.Limits limits,
      List<String> origins,
      Instant now,
      @Nullable Instant expiresAt) {
    String id = "k" + HexFormat.of().formatHex(bytes(random, ID_BYTES));
    String secret =
        "tocsin_"
            + id
            + "_"
            + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(random, SECRET_BYTES));
    return new NewKey(
        secret,
        new AccessKeyRecord(
            id, sha256(secret), name, scopes, limits, origins, false, now, expiresAt));
  }

  private static byte[] bytes(RandomGenerator random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String sha256(String secret) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "key " + stored.keyId();
  }
}
