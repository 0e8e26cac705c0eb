package dev.tocsin.common.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds each version of each record against a golden file: what was written must stay readable. */
class ContractTest {
  private static final Instant T0 = Instant.parse("2026-11-23T01:02:03.456Z");

  private static final AlertEvent ALERT =
      new AlertEvent(
          AlertEvent.Status.FIRING,
          Map.of("alertname", "high_error_rate", "service_name", "cart"),
          Map.of("summary", "cart fails"),
          T0,
          T0.plusSeconds(240),
          T0.plusSeconds(1),
          "http://127.0.0.1:8083/rules",
          "0123456789abcdef",
          "default/tocsin",
          "high_error_rate",
          "0.25");

  @Test
  void alertEvent_isWrittenAndReadAsInItsGoldenFile() throws Exception {
    assertGolden("alert-event.v1.json", ALERT.encode());
    assertThat(AlertEvent.decode(golden("alert-event.v1.json"))).isEqualTo(ALERT);
    assertThat(ALERT.eventId()).isEqualTo("0123456789abcdef/1795395723456/firing");
  }

  @Test
  void alertHeartbeat_isWrittenAndReadAsInItsGoldenFile() throws Exception {
    AlertHeartbeat heartbeat = new AlertHeartbeat("default/tocsin", "alert-1-8083", T0);
    assertGolden("alert-heartbeat.v1.json", heartbeat.encode());
    assertThat(AlertHeartbeat.decode(golden("alert-heartbeat.v1.json"))).contains(heartbeat);
  }

  @Test
  void alertHeartbeat_isToldFromAnAlertEvent() throws Exception {
    assertThat(AlertHeartbeat.decode(golden("alert-event.v1.json"))).isEmpty();
    assertThatThrownBy(() -> AlertHeartbeat.decode("{\"kind\":\"heartbeat\"}".getBytes(UTF_8)))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("ruleGroup is missing");
  }

  @Test
  void alertState_isWrittenAndReadAsInItsGoldenFile() throws Exception {
    AlertStateRecord state =
        new AlertStateRecord(
            "default/tocsin",
            "high_error_rate",
            "0123456789abcdef",
            Map.of("a", "b"),
            Map.of("summary", "s"),
            "firing",
            T0,
            T0.plusSeconds(1),
            null,
            T0.plusSeconds(2),
            null,
            "0.25");
    assertGolden("alert-state.v1.json", state.encode());
    assertThat(AlertStateRecord.decode(golden("alert-state.v1.json"))).isEqualTo(state);
  }

  @Test
  void ruleGroup_isWrittenAndReadAsInItsGoldenFile() throws Exception {
    RuleGroupRecord group = new RuleGroupRecord("default/tocsin", "default", "groups: []\n");
    assertGolden("rule-group.v1.json", group.encode());
    assertThat(RuleGroupRecord.decode(golden("rule-group.v1.json"))).isEqualTo(group);
  }

  @Test
  void incidentEvent_isWrittenAndReadAsInItsGoldenFile() throws Exception {
    IncidentEvent event =
        new IncidentEvent(
            "42/1",
            42,
            "triggered",
            "triggered",
            "alert",
            T0,
            "0123456789abcdef",
            "cart fails",
            "critical");
    assertGolden("incident-event.v1.json", event.encode());
    assertThat(IncidentEvent.decode(golden("incident-event.v1.json"))).isEqualTo(event);
  }

  @Test
  void accessKey_isWrittenAndReadAsInItsGoldenFile() throws Exception {
    AccessKeyRecord key =
        new AccessKeyRecord(
            "k-shop",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "shop, production",
            List.of("traces", "logs"),
            new AccessKeyRecord.Limits(1_000, 100, 1 << 20, 8 << 20),
            List.of("https://*.shop.example"),
            false,
            T0,
            Instant.parse("2027-11-23T01:02:03.456Z"));
    assertGolden("access-key.v1.json", key.encode());
    assertThat(AccessKeyRecord.decode(golden("access-key.v1.json"))).isEqualTo(key);
  }

  @Test
  void accessKey_mayLeaveOutWhatHasADefault_andNamesWhatIsWrong() {
    String hash = "a".repeat(64);
    JsonObject json =
        new JsonObject().put("keyId", "k").put("sha256", hash).put("createdAt", T0.toString());
    AccessKeyRecord key = AccessKeyRecord.decode(json.toBuffer().getBytes());
    assertThat(key.scopes()).isEqualTo(AccessKeyRecord.ALL_SCOPES);
    assertThat(key.limits()).isEqualTo(AccessKeyRecord.Limits.NONE);
    json.put("sha256", "the secret itself");
    assertThatThrownBy(() -> AccessKeyRecord.decode(json.toBuffer().getBytes()))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("sha256 of key k (expected: 64 lower-case")
        .hasMessageNotContaining("secret");
  }

  @Test
  void storageLimits_areWrittenAndReadAsInTheirGoldenFile() throws Exception {
    StorageLimitsRecord limits =
        new StorageLimitsRecord(
            Duration.ofDays(7),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofHours(1),
            16_384,
            512);
    assertGolden("storage-limits.v1.json", limits.encode());
    assertThat(StorageLimitsRecord.decode(golden("storage-limits.v1.json"))).isEqualTo(limits);
    JsonObject none = new JsonObject(new String(limits.encode(), UTF_8)).put("labelCharsMax", 0);
    assertThatThrownBy(() -> StorageLimitsRecord.decode(none.toBuffer().getBytes()))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("labelCharsMax: 0 (expected: above 0)");
  }

  @Test
  void decode_ignoresUnknownFields_andNamesWhatIsWrong() {
    JsonObject newer = new JsonObject(new String(ALERT.encode(), UTF_8)).put("addedIn", "v2");
    assertThat(AlertEvent.decode(newer.toBuffer().getBytes())).isEqualTo(ALERT);
    assertThatThrownBy(() -> AlertEvent.decode("{".getBytes(UTF_8)))
        .isInstanceOf(ContractException.class)
        .hasMessageStartingWith("no alert event");
    newer.put("status", "melting");
    assertThatThrownBy(() -> AlertEvent.decode(newer.toBuffer().getBytes()))
        .hasMessageContaining("MELTING");
  }

  @Test
  void fingerprint_isTheOneAlertmanagerComputes() {
    // common/model: the signature of no labels is the hash's start value.
    assertThat(Fingerprint.of(Map.of())).isEqualTo("cbf29ce484222325");
    assertThat(Fingerprint.of(Map.of("b", "2", "a", "1")))
        .isEqualTo(Fingerprint.of(Map.of("a", "1", "b", "2")))
        .hasSize(16);
  }

  private static void assertGolden(String name, byte[] written) throws Exception {
    assertThat(new JsonObject(new String(written, UTF_8)))
        .isEqualTo(new JsonObject(new String(golden(name), UTF_8)));
  }

  private static byte[] golden(String name) throws Exception {
    try (InputStream in = ContractTest.class.getResourceAsStream("/contract/" + name)) {
      return in.readAllBytes();
    }
  }
}
