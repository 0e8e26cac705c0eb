package dev.tocsin.alert;

import static dev.tocsin.alert.AlertBed.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.alert.service.AlertMain;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertEvent.Status;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertServiceIT {
  private static AlertBed bed;

  @TempDir Path directory;
  private final List<AlertService> services = new ArrayList<>();

  @BeforeAll
  static void startKafka() {
    bed = new AlertBed();
  }

  @AfterAll
  static void stopKafka() {
    bed.close();
  }

  @AfterEach
  void stopServices() throws Exception {
    for (AlertService service : services) {
      await(service.stop());
    }
  }

  private AlertService start(String... overrides) throws Exception {
    return start(map(overrides));
  }

  private AlertService start(Map<String, String> overrides) throws Exception {
    AlertService service = bed.start(overrides);
    services.add(service);
    return service;
  }

  private static Map<String, String> map(String... pairs) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(200));
  }

  /** A recording rule and an alert on it, for one service. */
  private String ratioRules(String service, String alert, String range) throws IOException {
    String calls = "traces_span_metrics_calls_total{service_name=\"" + service + "\"";
    String text =
        """
        groups:
          - name: %2$s
            rules:
              - record: %2$s_ratio
                expr: |
                  sum by (service_name) (rate(%1$s, status_code="STATUS_CODE_ERROR"}[%3$s]))
                  / sum by (service_name) (rate(%1$s}[%3$s]))
              - alert: %2$s
                expr: %2$s_ratio > 0.05
                for: 400ms
                labels:
                  severity: critical
                annotations:
                  summary: '{{ $labels.service_name }} fails {{ $value | humanizePercentage }}'
        """
            .formatted(calls, alert, range);
    return Files.writeString(directory.resolve(alert + ".yml"), text).toString();
  }

  private static List<AlertEvent> firing(String rule) {
    return bed.events(rule).stream().filter(e -> e.status() == Status.FIRING).toList();
  }

  private static List<AlertEvent> resolved(String rule) {
    return bed.events(rule).stream().filter(e -> e.status() == Status.RESOLVED).toList();
  }

  @Test
  void failingSpans_raiseAnAlert_andRecoveryResolvesIt() throws Exception {
    AlertService service = start("alert.rule_files", ratioRules("shop", "ShopFails", "4s"));
    bed.whileSending(
        "shop",
        9,
        1,
        () -> {
          soon().until(() -> !firing("ShopFails").isEmpty());
          AlertEvent event = firing("ShopFails").get(0);
          assertThat(event.labels())
              .containsExactlyInAnyOrderEntriesOf(
                  Map.of("alertname", "ShopFails", "service_name", "shop", "severity", "critical"));
          assertThat(event.annotations().get("summary")).matches("shop fails \\d+.*%");
          assertThat(event.ruleGroup()).isEqualTo("file/ShopFails");
          assertThat(event.generatorUrl()).contains("/graph?g0.expr=ShopFails_ratio");
          assertThat(event.endsAt()).isAfter(event.updatedAt());
          // Said first, then shown.
          soon()
              .untilAsserted(
                  () -> {
                    JsonObject data = bed.get(service, "/api/v1/alerts").getJsonObject("data");
                    JsonObject alert = data.getJsonArray("alerts").getJsonObject(0);
                    assertThat(alert.getString("state")).isEqualTo("firing");
                  });
        });
    bed.whileSending(
        "shop",
        10,
        0,
        () -> {
          soon().until(() -> !resolved("ShopFails").isEmpty());
        });
    AlertEvent end = resolved("ShopFails").get(0);
    assertThat(end.startsAt()).isEqualTo(firing("ShopFails").get(0).startsAt());
    assertThat(end.endsAt()).isAfter(end.startsAt());
    // Evaluated five times a second, a group may be late while others build beside it.
    soon()
        .untilAsserted(
            () -> assertThat(bed.get(service, "/health").encode()).contains("\"Healthy\""));
  }

  @Test
  void restart_goesOnWithTheSameFiring() throws Exception {
    Map<String, String> config = map("alert.rule_files", ratioRules("cart", "CartFails", "60s"));
    bed.whileSending(
        "cart",
        1,
        1,
        () -> {
          AlertService first = start(config);
          soon().until(() -> !firing("CartFails").isEmpty());
          await(first.stop());
          Instant stopped = Instant.now();
          start(config);
          soon()
              .until(
                  () -> firing("CartFails").stream().anyMatch(e -> e.updatedAt().isAfter(stopped)));
        });
    assertThat(firing("CartFails"))
        .extracting(AlertEvent::startsAt)
        .containsOnly(firing("CartFails").get(0).startsAt());
    assertThat(resolved("CartFails")).isEmpty();
  }

  @Test
  void instances_shareTheGroups_andTakeThemOverWhenOneStops() throws Exception {
    List<String> files = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      files.add(ratioRules("none", "Shared" + i, "5s"));
    }
    Map<String, String> config = map("alert.rule_files", String.join(",", files));
    AlertService one = start(config);
    soon().until(() -> bed.groups(one).size() == 8);
    AlertService two = start(config);
    soon()
        .until(
            () ->
                !bed.groups(two).isEmpty()
                    && !bed.groups(one).isEmpty()
                    && bed.groups(one).size() + bed.groups(two).size() == 8);
    assertThat(bed.groups(one)).doesNotContainAnyElementsOf(bed.groups(two));
    await(one.stop());
    soon().until(() -> bed.groups(two).size() == 8);
  }

  @Test
  void killedInstance_isSucceeded_withoutANewFiring() throws Exception {
    String rules = ratioRules("pay", "PayFails", "120s");
    Path toml = directory.resolve("killed.toml");
    Files.writeString(
        toml,
        """
        [kafka]
        bootstrap_servers = "%s"
        partitions = 2
        [alert]
        port = 0
        default_rules = false
        rule_files = ["%s"]
        evaluation_interval = "200ms"
        resend_interval = "1s"
        heartbeat_interval = "1s"
        heartbeat_timeout = "3s"
        """
            .formatted(bed.bootstrapServers(), rules));
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                AlertMain.class.getName(),
                "--config",
                toml.toString())
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "killed-instance.log").toFile())
            .start();
    try {
      bed.whileSending(
          "pay",
          1,
          1,
          () -> {
            soon().until(() -> !firing("PayFails").isEmpty());
            victim.destroyForcibly().waitFor();
            Instant killed = Instant.now();
            start("alert.rule_files", rules);
            soon()
                .until(
                    () -> firing("PayFails").stream().anyMatch(e -> e.updatedAt().isAfter(killed)));
          });
    } finally {
      victim.destroyForcibly().waitFor();
    }
    assertThat(firing("PayFails"))
        .extracting(AlertEvent::eventId)
        .containsOnly(firing("PayFails").get(0).eventId());
    assertThat(resolved("PayFails")).isEmpty();
  }

  @Test
  void malformedSpans_goToTheDeadLetters_andNothingStops() throws Exception {
    start("alert.rule_files", ratioRules("mail", "MailFails", "4s"));
    byte[] malformed = {0x0a, 0x7f, 0x01};
    bed.send(malformed);
    bed.whileSending(
        "mail",
        1,
        1,
        () -> {
          soon().until(() -> !firing("MailFails").isEmpty());
        });
    var letters =
        bed.records(Topic.DEAD_LETTER).stream()
            .filter(letter -> Arrays.equals(letter.value(), malformed))
            .toList();
    assertThat(letters).hasSize(1);
    assertThat(AlertBed.text(letters.get(0).headers().lastHeader(DeadLetterHeaders.TOPIC).value()))
        .isEqualTo(Topic.SPANS.name());
    assertThat(AlertBed.text(letters.get(0).headers().lastHeader(DeadLetterHeaders.REASON).value()))
        .startsWith("malformed: derive: ");
  }

  @Test
  void silentInstance_isDown_untilItReportsAgain() throws Exception {
    String rules =
        Files.writeString(
                directory.resolve("down.yml"),
                """
                groups:
                  - name: down
                    rules:
                      - alert: Down
                        expr: up{job="courier"} == 0
                """)
            .toString();
    start("alert.rule_files", rules, "alert.heartbeat_settled_after", "0s");
    bed.send("courier", 1, 0);
    soon().until(() -> !firing("Down").isEmpty());
    assertThat(firing("Down").get(0).labels())
        .containsEntry("job", "courier")
        .containsEntry("instance", "courier-1");
    bed.send("courier", 1, 0);
    soon().until(() -> !resolved("Down").isEmpty());
  }

  @Test
  void seriesThatBecomesOutsized_doesNotResolveItsAlert_notEvenAfterARestart() throws Exception {
    String rules =
        Files.writeString(
                directory.resolve("outsized.yml"),
                """
                groups:
                  - name: outsized
                    rules:
                      - alert: Backlog
                        expr: backlog > 5
                      - alert: BacklogRead
                        expr: backlog_read > 0
                """)
            .toString();
    AlertService first = start("alert.rule_files", rules);
    bed.sendGauges(Map.of("backlog", gauge(9)));
    soon().until(() -> !firing("Backlog").isEmpty());
    String tooLong = "x".repeat(PrometheusSeries.LABELS_CHARS_MAX + 1);
    bed.sendGauges(Map.of("backlog", gauge(9).addAttributes(AlertBed.attribute("path", tooLong))));
    bed.sendGauges(
        Map.of(
            "backlog",
            gauge(0).setFlags(DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE),
            "backlog_read",
            gauge(1)));
    soon().until(() -> !firing("BacklogRead").isEmpty());
    firesStill("Backlog");
    assertThat(bed.get(first, "/health").encode())
        .contains("Degraded", "labels of more than 32768 characters, of [backlog]");
    assertThat(bed.text(first, "/metrics")).containsPattern("reason=\"labels_too_long\".* 1\\.0");
    soon().until(() -> !firing("TocsinLabelsTooLong").isEmpty());
    await(first.stop());
    AlertService second = start("alert.rule_files", rules);
    firesStill("Backlog");
    soon().until(() -> bed.get(second, "/health").encode().contains("[backlog]"));
  }

  private static NumberDataPoint.Builder gauge(double value) {
    return NumberDataPoint.newBuilder().setAsDouble(value);
  }

  /** Waits until an alert has been looked at a few times more, and sees it fire still. */
  private static void firesStill(String rule) {
    Instant later = Instant.now().plusSeconds(1);
    soon().until(() -> bed.events(rule).stream().anyMatch(e -> e.updatedAt().isAfter(later)));
    assertThat(resolved(rule)).isEmpty();
  }

  @Test
  void deletedRuleFile_resolvesItsAlerts() throws Exception {
    bed.whileSending(
        "old",
        1,
        1,
        () -> {
          AlertService first = start("alert.rule_files", ratioRules("old", "OldFails", "60s"));
          soon().until(() -> !firing("OldFails").isEmpty());
          await(first.stop());
          start();
          soon().until(() -> !resolved("OldFails").isEmpty());
        });
    assertThat(resolved("OldFails").get(0).startsAt())
        .isEqualTo(firing("OldFails").get(0).startsAt());
  }

  @Test
  void ruleFilesWithErrors_keepTheServiceFromStarting() throws Exception {
    String bad =
        Files.writeString(
                directory.resolve("bad.yml"),
                """
                groups:
                  - name: bad
                    rules:
                      - alert: A
                        expr: sum(
                      - record: b
                        expr: rate(x)
                """)
            .toString();
    AlertService service = bed.create(map("alert.rule_files", bad));
    assertThatThrownBy(() -> await(service.start()))
        .hasCauseInstanceOf(ConfigException.class)
        .hasMessageContaining(bad + ":5: ")
        .hasMessageContaining(bad + ":7: ");
  }
}
