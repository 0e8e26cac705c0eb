package dev.tocsin.ingest.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.MultiMap;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys known now, of all sources together. A key is sent as {@code authorization: Bearer
 * <key>}, as the password of {@code authorization: Basic}, as {@code x-api-key} or as {@code
 * api-key}. Reading is lock-free: each change makes a new map.
 */
final class KeyRing implements Access {

  /** Where keys come from; when both name the same id, the later one in this list is believed. */
  enum Source {
    FILE,
    /** The console writes it: what it revokes stays revoked, whatever the file says. */
    TOPIC
  }

  private static final String EXPECTED =
      " (expected: authorization: Bearer <key>, or x-api-key: <key>)";
  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";

  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Caller unknown = Caller.without("unknown");
  private final Map<Source, Collection<AccessKeyRecord>> sources = new HashMap<>();
  private volatile Map<String, Caller> callers = Map.of();

  KeyRing(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Replaces all keys of a source. Keys that did not change keep the state of their limits. */
  synchronized void replace(Source source, Collection<AccessKeyRecord> keys) {
    sources.put(source, List.copyOf(keys));
    Map<String, AccessKeyRecord> byId = new HashMap<>();
    for (Source each : Source.values()) {
      sources.getOrDefault(each, List.of()).forEach(key -> byId.put(key.keyId(), key));
    }
    Map<String, Caller> before = callers;
    long now = nanoTime.getAsLong();
    callers =
        byId.values().stream()
            .collect(
                toUnmodifiableMap(
                    AccessKeyRecord::sha256,
                    key -> keep(before.get(key.sha256()), key, now),
                    // One secret under two ids: only the more restricted reading would be safe.
                    (first, second) -> isRevoked(first) ? first : second));
  }

  private static boolean isRevoked(Caller caller) {
    AccessKeyRecord key = caller.key();
    return key != null && key.revoked();
  }

  private static Caller keep(@Nullable Caller before, AccessKeyRecord key, long now) {
    return before != null && key.equals(before.key()) ? before : Caller.with(key, now);
  }

  int size() {
    return callers.size();
  }

  @Override
  public Caller unknown() {
    return unknown;
  }

  @Override
  public Caller authenticate(MultiMap headers) {
    String secret = secret(headers);
    if (secret == null || secret.isEmpty()) {
      throw new RefusedException(Reason.UNAUTHENTICATED, "no API key" + EXPECTED);
    }
    // Looked up by its hash: how long that takes tells nothing about any secret.
    Caller caller = callers.get(sha256(secret));
    if (caller == null) {
      throw new RefusedException(Reason.UNAUTHENTICATED, "the API key is not known");
    }
    caller.requireValid(clock.instant());
    return caller;
  }

  private static @Nullable String secret(MultiMap headers) {
    String authorization = headers.get("authorization");
    if (authorization != null) {
      if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        return authorization.substring(BEARER.length()).strip();
      }
      if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
        return password(authorization.substring(BASIC.length()).strip());
      }
    }
    String key = headers.get("x-api-key");
    return key == null ? headers.get("api-key") : key;
  }

  private static @Nullable String password(String credentials) {
    try {
      String text = new String(Base64.getDecoder().decode(credentials), UTF_8);
      return text.substring(text.indexOf(':') + 1);
    } catch (IllegalArgumentException noBase64) {
      return null;
    }
  }

  /** As in {@link AccessKeyRecord#sha256}. */
  static String sha256(String secret) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public boolean allowsOrigin(String origin) {
    return callers.values().stream().anyMatch(caller -> caller.mayComeFrom(origin));
  }
}
