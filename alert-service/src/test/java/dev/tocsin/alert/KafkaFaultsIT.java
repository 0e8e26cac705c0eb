package dev.tocsin.alert;

import static dev.tocsin.alert.AlertBed.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.alert.service.AlertMain;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertEvent.Status;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.ProxiedKafka;
import dev.tocsin.testkit.fault.FaultProxy;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka behind a network that fails, and a process that stands still, for longer than the rules
 * look back: what fires goes on firing as the same alert, nothing ends, nothing is counted twice.
 */
class KafkaFaultsIT {
  /** What rules look at; each fault lasts longer. */
  private static final Duration RANGE = Duration.ofSeconds(5);

  /**
   * A request of Kafka's protocol that begins so asks to end a transaction: its key and version. By
   * the key alone any request whose correlation id is 26 would do.
   */
  private static final String END_TRANSACTION = "\u0000\u001a\u0000\u0005";

  private static ProxiedKafka kafka;
  private static FaultProxy proxy;
  private static AlertBed bed;

  @TempDir Path directory;
  private AlertService service;

  @BeforeAll
  static void startKafka() {
    kafka = Backends.proxiedKafka();
    proxy = kafka.proxy();
    bed = new AlertBed(kafka.kafka());
  }

  @AfterAll
  static void stopKafka() {
    bed.close();
    proxy.close();
  }

  @AfterEach
  void stopService() throws Exception {
    proxy.heal();
    if (service != null) {
      await(service.stop());
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200));
  }

  private Map<String, String> settings(String id, String rules) {
    Map<String, String> settings = new HashMap<>();
    settings.put("kafka.bootstrap_servers", kafka.proxiedBootstrapServers());
    settings.put("alert.instance_id", id);
    settings.put("alert.rule_files", rules);
    return settings;
  }

  private String rules(String job, String alert) throws IOException {
    String calls = "traces_span_metrics_calls_total{service_name=\"" + job + "\"";
    String text =
        """
        groups:
          - name: %2$s
            rules:
              - alert: %2$s
                expr: |
                  sum by (service_name) (rate(%1$s, status_code="STATUS_CODE_ERROR"}[%3$ds]))
                  / sum by (service_name) (rate(%1$s}[%3$ds])) > 0.05
        """
            .formatted(calls, alert, RANGE.toSeconds());
    return Files.writeString(directory.resolve(alert + ".yml"), text).toString();
  }

  private static List<AlertEvent> events(String rule, Status status) {
    return bed.events(rule).stream().filter(event -> event.status() == status).toList();
  }

  private static void awaitFiring(String rule) {
    soon().until(() -> !events(rule, Status.FIRING).isEmpty());
  }

  /** It is stated again, by an evaluation after the moment. */
  private static void awaitFiring(String rule, Instant after) {
    soon()
        .until(
            () ->
                events(rule, Status.FIRING).stream()
                    .anyMatch(event -> event.updatedAt().isAfter(after)));
  }

  private static void assertOneFiringWithoutAnEnd(String rule) {
    List<AlertEvent> firing = events(rule, Status.FIRING);
    assertThat(firing).extracting(AlertEvent::eventId).containsOnly(firing.get(0).eventId());
    assertThat(firing).extracting(AlertEvent::startsAt).containsOnly(firing.get(0).startsAt());
    assertThat(events(rule, Status.RESOLVED)).isEmpty();
  }

  private String health() throws Exception {
    return bed.text(service, "/health");
  }

  private void awaitWell() {
    soon().untilAsserted(() -> assertThat(health()).contains("Healthy").doesNotContain("egraded"));
  }

  @Test
  void alert_goesOnAsTheSame_whenACommitIsNotAnswered() throws Exception {
    service = bed.start(settings("undecided", rules("shop", "ShopFails")));
    bed.whileSending(
        "shop",
        1,
        1,
        () -> {
          awaitFiring("ShopFails");
          // A transaction with a state in it, under its key: heartbeats leave nothing open.
          proxy
              .stallRepliesFrom(
                  "tocsin-alert-evaluate-undecided", "ShopFails\u001f", END_TRANSACTION)
              .get(30, TimeUnit.SECONDS);
          soon().until(() -> health().contains("alerts cannot be published: "));
          Instant healed = Instant.now();
          proxy.heal();
          awaitFiring("ShopFails", healed);
        });
    assertOneFiringWithoutAnEnd("ShopFails");
    assertThat(bed.text(service, "/metrics"))
        .containsPattern("tocsin_alert_states_read_back_total\\{.*} [1-9]");
  }

  @Test
  void alert_goesOnAsTheSame_whenKafkaIsAwayForLongerThanItsRuleLooksBack() throws Exception {
    service = bed.start(settings("away", rules("cart", "CartFails")));
    bed.whileSending(
        "cart",
        1,
        1,
        () -> {
          awaitFiring("CartFails");
          proxy.halfOpen();
          // It says so when the window is ten seconds behind, which is longer than the range.
          soon().until(() -> health().contains("rules are not judged: the live window lacks"));
          assertThat(bed.text(service, "/live")).contains("true");
          proxy.reset();
          Instant healed = Instant.now();
          proxy.heal();
          awaitFiring("CartFails", healed);
          awaitWell();
        });
    assertOneFiringWithoutAnEnd("CartFails");
  }

  @Test
  void spans_areCountedOnce_whenACommitOfDeriveIsNotAnswered() throws Exception {
    service = bed.start(settings("derive", rules("none", "NoneFails")));
    bed.send("counted", 3, 0);
    soon().until(() -> calls("counted") == 3);
    var stalled = proxy.stallRepliesFrom("tocsin-alert-derive-derive", END_TRANSACTION);
    for (int i = 0; i < 20; i++) {
      bed.send("counted", 3, 0);
    }
    stalled.get(30, TimeUnit.SECONDS);
    soon().until(() -> health().contains("awaiting EndTxn"));
    proxy.heal();
    bed.send("counted", 3, 0);
    soon().until(() -> calls("counted") >= 66);
    awaitWell();
    assertThat(calls("counted")).isEqualTo(66);
  }

  private static double calls(String service) {
    double[] sum = {0};
    for (ConsumerRecord<byte[], byte[]> message : bed.records(Topic.DERIVED)) {
      PrometheusSeries.read(
          parse(message.value()),
          (labels, kind, timeMs, startMs, value) -> {
            if (labels.getOrDefault("__name__", "").equals("traces_span_metrics_calls_total")
                && labels.getOrDefault("service_name", "").equals(service)) {
              sum[0] += value;
            }
          });
    }
    return sum[0];
  }

  private static ExportMetricsServiceRequest parse(byte[] value) {
    try {
      return ExportMetricsServiceRequest.parseFrom(value);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void alert_goesOnAsTheSame_whenItsProcessStandsStillForLongerThanItsRuleLooksBack()
      throws Exception {
    Process process = process(rules("pay", "PayFails"));
    try {
      bed.whileSending(
          "pay",
          1,
          1,
          () -> {
            awaitFiring("PayFails");
            signal(process, "STOP");
            Instant end = Instant.now().plus(RANGE.multipliedBy(2));
            soon().until(() -> Instant.now().isAfter(end));
            signal(process, "CONT");
            awaitFiring("PayFails", end);
          });
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertOneFiringWithoutAnEnd("PayFails");
  }

  private static void signal(Process process, String name) throws Exception {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  private Process process(String rules) throws IOException {
    Path toml = directory.resolve("paused.toml");
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
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            AlertMain.class.getName(),
            "--config",
            toml.toString())
        .redirectErrorStream(true)
        .redirectOutput(Path.of("target", "paused-instance.log").toFile())
        .start();
  }
}
