package dev.tocsin.alert;

import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Measures the time from a failed span acknowledged by Kafka to its alert event visible in
 * tocsin.alerts, for a rule without {@code for}. Arguments: evaluation interval, trials.
 */
final class AlertLatencyBenchmark {
  private static final String RULES =
      """
      groups:
        - name: latency
          rules:
            - alert: Latency
              expr: |
                sum by (service_name)
                (increase(traces_span_metrics_calls_total{status_code="STATUS_CODE_ERROR"}[10s])) > 0
      """;

  private AlertLatencyBenchmark() {}

  public static void main(String[] args) throws Exception {
    String interval = args.length > 0 ? args[0] : "1s";
    int trials = args.length > 1 ? Integer.parseInt(args[1]) : 40;
    Path rules = Files.writeString(Files.createTempFile("latency", ".yml"), RULES);
    List<Long> latencies = new ArrayList<>();
    try (AlertBed bed = new AlertBed()) {
      AlertService service =
          bed.start(
              Map.of("alert.rule_files", rules.toString(), "alert.evaluation_interval", interval));
      while (bed.groups(service).isEmpty()) {
        Thread.sleep(100);
      }
      measure(bed, trials, latencies);
      AlertBed.await(service.stop());
    }
    latencies.sort(null);
    System.out.printf(
        "interval %s, %d trials: p50 %d ms, p90 %d ms, max %d ms%n",
        interval,
        trials,
        latencies.get(trials / 2),
        latencies.get(trials * 9 / 10),
        latencies.get(trials - 1));
    System.exit(0);
  }

  private static void measure(AlertBed bed, int trials, List<Long> latencies) throws Exception {
    var deserializer = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> alerts =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bed.bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            deserializer,
            deserializer)) {
      alerts.assign(
          alerts.partitionsFor(Topic.ALERTS.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList());
      for (int trial = -5; trial < trials; trial++) {
        String service = "t" + trial;
        bed.send(service, 0, 1);
        long sent = System.nanoTime();
        while (!arrived(alerts, service)) {
          Thread.onSpinWait();
        }
        if (trial >= 0) {
          latencies.add(Duration.ofNanos(System.nanoTime() - sent).toMillis());
        }
        Thread.sleep(ThreadLocalRandom.current().nextLong(200, 1_400));
      }
    }
  }

  private static boolean arrived(KafkaConsumer<byte[], byte[]> alerts, String service) {
    boolean found = false;
    for (ConsumerRecord<byte[], byte[]> message : alerts.poll(Duration.ofMillis(50))) {
      boolean event = AlertHeartbeat.decode(message.value()).isEmpty();
      found |=
          event && service.equals(AlertEvent.decode(message.value()).labels().get("service_name"));
    }
    return found;
  }
}
