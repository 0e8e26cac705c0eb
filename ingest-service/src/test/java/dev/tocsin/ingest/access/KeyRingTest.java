package dev.tocsin.ingest.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.common.contract.AccessKeyRecord.Limits;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.MultiMap;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class KeyRingTest {
  private static final Instant NOW = Instant.parse("2026-11-23T01:02:03Z");
  private static final String SECRET = "a-secret-nobody-guesses";

  private final AtomicLong nanos = new AtomicLong();
  private final KeyRing ring = new KeyRing(() -> NOW, nanos::get);

  @Test
  void key_isTakenFromEveryHeaderThatMayHoldIt() {
    ring.replace(KeyRing.Source.FILE, List.of(key("k", SECRET)));
    String basic = Base64.getEncoder().encodeToString(("anybody:" + SECRET).getBytes(UTF_8));
    for (MultiMap headers :
        List.of(
            header("Authorization", "Bearer " + SECRET),
            header("authorization", "bearer  " + SECRET),
            header("authorization", "Basic " + basic),
            header("X-Api-Key", SECRET),
            header("api-key", SECRET))) {
      assertThat(ring.authenticate(headers).keyId()).isEqualTo("k");
    }
  }

  @Test
  void whoHasNoValidKey_isUnauthenticated_andNoSecretIsRepeated() {
    AccessKeyRecord valid = key("valid", SECRET);
    ring.replace(
        KeyRing.Source.TOPIC,
        List.of(
            valid,
            changed(key("revoked", "revoked-secret"), Limits.NONE, true, null),
            changed(key("expired", "expired-secret"), Limits.NONE, false, NOW)));
    assertThat(refusal(() -> ring.authenticate(MultiMap.caseInsensitiveMultiMap())).getMessage())
        .isEqualTo("no API key (expected: authorization: Bearer <key>, or x-api-key: <key>)");
    for (String wrong :
        List.of("Bearer wrong-secret", "Basic %%%", "Bearer ", "Digest " + SECRET, SECRET)) {
      RefusedException refusal = refusal(() -> ring.authenticate(header("authorization", wrong)));
      assertThat(refusal.reason()).as(wrong).isEqualTo(Reason.UNAUTHENTICATED);
      assertThat(refusal.getMessage()).doesNotContain("secret");
    }
    assertThat(refusal(() -> ring.authenticate(header("api-key", "revoked-secret"))).getMessage())
        .isEqualTo("API key revoked is revoked");
    assertThat(refusal(() -> ring.authenticate(header("api-key", "expired-secret"))).getMessage())
        .isEqualTo("API key expired expired at " + NOW);
  }

  @Test
  void topic_isBelieved_whenBothSourcesNameAKey() {
    AccessKeyRecord key = key("k", SECRET);
    ring.replace(KeyRing.Source.FILE, List.of(key));
    ring.replace(KeyRing.Source.TOPIC, List.of(changed(key, Limits.NONE, true, null)));
    ring.replace(KeyRing.Source.FILE, List.of(key));
    assertThat(refusal(() -> ring.authenticate(header("api-key", SECRET))).getMessage())
        .isEqualTo("API key k is revoked");
    ring.replace(KeyRing.Source.TOPIC, List.of());
    assertThat(ring.authenticate(header("api-key", SECRET)).keyId()).isEqualTo("k");
  }

  @Test
  void limits_areAnsweredWithTheTimeToWait_andSurviveChangesOfOtherKeys() {
    Limits limits = new Limits(60, 2, 1_000, 1_000);
    AccessKeyRecord limited = changed(key("k", SECRET), limits, false, null);
    ring.replace(KeyRing.Source.TOPIC, List.of(limited));
    Caller caller = ring.authenticate(header("api-key", SECRET));
    caller.admit(Signal.TRACES, null, 0);
    ring.replace(KeyRing.Source.TOPIC, List.of(limited, key("new", "other")));
    assertThat(ring.authenticate(header("api-key", SECRET))).isSameAs(caller);
    caller.admit(Signal.TRACES, null, 0);
    RefusedException refusal = refusal(() -> caller.admit(Signal.TRACES, null, 0));
    assertThat(refusal.reason()).isEqualTo(Reason.RATE_LIMITED);
    assertThat(refusal.getMessage())
        .isEqualTo("API key k is over its 60 requests a minute; try again in 1000 ms");
    assertThat(refusal.retryDelayMs(7)).isEqualTo(1_000);
    long later = TimeUnit.SECONDS.toNanos(60);
    caller.charge(2_000, later);
    assertThat(refusal(() -> caller.admit(Signal.TRACES, null, later)).getMessage())
        .isEqualTo("API key k is over its 1000 bytes a second; try again in 1001 ms");
    caller.admit(Signal.TRACES, null, later + TimeUnit.MILLISECONDS.toNanos(1_001));
  }

  @Test
  void scopesAndOrigins_boundWhatAKeyMayDo() {
    AccessKeyRecord key =
        new AccessKeyRecord(
            "web",
            KeyRing.sha256(SECRET),
            "",
            List.of("traces"),
            Limits.NONE,
            List.of("https://*.shop.example"),
            false,
            NOW,
            null);
    ring.replace(KeyRing.Source.TOPIC, List.of(key));
    Caller caller = ring.authenticate(header("api-key", SECRET));
    caller.admit(Signal.TRACES, null, 0);
    caller.admit(Signal.TRACES, "https://www.shop.example", 0);
    assertThat(refusal(() -> caller.admit(Signal.LOGS, null, 0)).getMessage())
        .isEqualTo("API key web may not send logs (expected: traces)");
    assertThat(refusal(() -> caller.admit(Signal.TRACES, "https://evil.example", 0)).reason())
        .isEqualTo(Reason.PERMISSION_DENIED);
    assertThat(ring.allowsOrigin("https://www.shop.example")).isTrue();
    assertThat(ring.allowsOrigin("https://shop.example")).isFalse();
    assertThat(ring.allowsOrigin("https://evil.example/.shop.example")).isFalse();
  }

  @Test
  void file_holdsOneRecordALine_andNamesTheLineThatIsNone() {
    String line = new String(key("k", SECRET).encode(), UTF_8);
    List<String> lines = List.of("# keys", "", line);
    assertThat(KeysFile.parse(Path.of("keys"), lines)).containsExactly(key("k", SECRET));
    assertThat(
            catchThrowableOfType(
                IllegalArgumentException.class,
                () -> KeysFile.parse(Path.of("keys"), List.of("", "{}"))))
        .hasMessageStartingWith("keys:2: no access key");
  }

  private static AccessKeyRecord key(String id, String secret) {
    return new AccessKeyRecord(
        id,
        KeyRing.sha256(secret),
        "name of " + id,
        AccessKeyRecord.ALL_SCOPES,
        Limits.NONE,
        List.of(),
        false,
        NOW,
        null);
  }

  private static AccessKeyRecord changed(
      AccessKeyRecord key, Limits limits, boolean revoked, Instant expiresAt) {
    return new AccessKeyRecord(
        key.keyId(),
        key.sha256(),
        key.name(),
        key.scopes(),
        limits,
        key.origins(),
        revoked,
        key.createdAt(),
        expiresAt);
  }

  private static MultiMap header(String name, String value) {
    return MultiMap.caseInsensitiveMultiMap().add(name, value);
  }

  private static RefusedException refusal(ThrowingCallable call) {
    return catchThrowableOfType(RefusedException.class, call);
  }
}
