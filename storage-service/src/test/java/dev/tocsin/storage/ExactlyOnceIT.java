package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** Span ids in are span ids out, each once, whatever happens on the way. */
final class ExactlyOnceIT {

  @Test
  void nothing_isStoredTwice_whenTheServiceStartsAgain() throws Exception {
    try (StorageRig rig = new StorageRig("again", Backends.freshDatabase("again"), 2)) {
      StorageService first = rig.start();
      List<String> sent = send(rig, 0, 40);
      rig.awaitItems("span_seg", sent.size());
      rig.stop(first);
      sent.addAll(send(rig, 1, 40));
      StorageService second = rig.start();
      rig.awaitItems("span_seg", sent.size());
      sent.addAll(send(rig, 0, 5));
      rig.awaitItems("span_seg", sent.size());
      assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(sent);
      rig.stop(second);
    }
  }

  @Test
  void writer_storesNothingAndReadsOn_whenTheOffsetHasMoved() throws Exception {
    try (StorageRig rig = new StorageRig("zombie", Backends.freshDatabase("zombie"), 1)) {
      rig.start();
      List<String> sent = send(rig, 0, 10);
      rig.awaitItems("span_seg", sent.size());
      long next = nextOffset(rig);
      // As if another instance had stored the three records that come now.
      Backends.execute(
          rig.postgres,
          "update telemetry.ingest_offset set next_offset = "
              + (next + 3)
              + " where topic = '"
              + rig.topics.spans().name()
              + "'");
      List<String> storedElsewhere = send(rig, 0, 3);
      sent.addAll(send(rig, 0, 4));
      rig.awaitNumber(offsetSql(rig), next + 7);
      assertThat(rig.storedSpanIds())
          .containsExactlyInAnyOrderElementsOf(sent)
          .doesNotContainAnyElementsOf(storedElsewhere);
    }
  }

  @Test
  void poisonRecords_arePutAside_andTheConsumerGoesOn() throws Exception {
    try (StorageRig rig = new StorageRig("poison", Backends.freshDatabase("poison"), 1)) {
      rig.start();
      List<String> sent = send(rig, 0, 3);
      rig.send(rig.topics.spans(), 0, "this is no OTLP".getBytes(StandardCharsets.UTF_8));
      Span ancient = Otlp.span(Otlp.id(16), "ancient", 1_000_000_000L).build();
      Span recent = Otlp.span(Otlp.id(16), "recent", Otlp.nowNanos()).build();
      rig.send(rig.topics.spans(), 0, Otlp.spans("poison", List.of(ancient, recent)));
      sent.add(hex(recent.getSpanId()));
      sent.addAll(send(rig, 0, 3));
      rig.awaitItems("span_seg", sent.size());
      rig.awaitNumber(offsetSql(rig), 8);

      assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(sent);
      List<ConsumerRecord<byte[], byte[]>> letters = deadLetters(rig.topics.spans());
      assertThat(letters).hasSize(2);
      assertThat(letters.get(0).value()).asString().isEqualTo("this is no OTLP");
      assertThat(header(letters.get(0), DeadLetterHeaders.OFFSET)).isEqualTo("3");
      assertThat(header(letters.get(0), DeadLetterHeaders.REASON)).startsWith("malformed: ");
      assertThat(header(letters.get(1), DeadLetterHeaders.REASON)).startsWith("time_outside: ");
      assertThat(ExportTraceServiceRequest.parseFrom(letters.get(1).value()))
          .isEqualTo(Otlp.spans("poison", List.of(ancient)));
    }
  }

  @Test
  void nothing_isLostOrDoubled_whenPostgresIsKilledUnderWriting() throws Exception {
    try (EmbeddedPostgres postgres = Backends.dedicatedPostgres();
        StorageRig rig =
            new StorageRig(
                "killed", Backends.freshDatabase(Backends.serverOf(postgres), "killed"), 2)) {
      rig.with("storage.flush_interval", "20ms");
      StorageService service = rig.start();
      List<String> sent = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        sent.addAll(send(rig, round % 2, 60));
        postgres.kill();
        sent.addAll(send(rig, (round + 1) % 2, 60));
        await()
            .atMost(StorageRig.PATIENCE)
            .until(() -> rig.get(service, "/health").body().contains("Postgres at"));
        postgres.restart();
      }
      rig.awaitItems("span_seg", sent.size());
      assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(sent);
      await()
          .atMost(StorageRig.PATIENCE)
          .until(() -> rig.get(service, "/health").body().contains("\"status\":\"Healthy\""));
    }
  }

  @Test
  void twoInstances_shareThePartitions_andOneTakesOver() throws Exception {
    try (StorageRig rig = new StorageRig("two", Backends.freshDatabase("two"), 4)) {
      StorageService first = rig.start();
      StorageService second = rig.start();
      List<String> sent = new ArrayList<>();
      for (int part = 0; part < 4; part++) {
        sent.addAll(send(rig, part, 20));
      }
      rig.stop(first);
      for (int part = 0; part < 4; part++) {
        sent.addAll(send(rig, part, 20));
      }
      rig.awaitItems("span_seg", sent.size());
      assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(sent);
      rig.stop(second);
    }
  }

  @Test
  void totals_goOnWhereTheyWere_whenTheServiceStartsAgain() throws Exception {
    try (StorageRig rig = new StorageRig("totals", Backends.freshDatabase("totals"), 1)) {
      StorageService first = rig.start();
      long now = Otlp.nowNanos();
      for (int i = 0; i < 5; i++) {
        rig.send(rig.topics.derived(), 0, Otlp.calls("totals", "OK", now - 9_000_000_000L + i, 2));
      }
      String path = "/prometheus/api/v1/query?query=traces_calls_total";
      await()
          .atMost(StorageRig.PATIENCE)
          .until(() -> rig.get(first, path).body().contains("\"10\""));
      rig.stop(first);
      StorageService second = rig.start();
      rig.send(rig.topics.derived(), 0, Otlp.calls("totals", "OK", now, 3));
      await()
          .atMost(StorageRig.PATIENCE)
          .until(() -> rig.get(second, path).body().contains("\"13\""));
    }
  }

  /** One record a span, so that flushes cut anywhere. */
  private static List<String> send(StorageRig rig, int partition, int count) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Span span = Otlp.span(Otlp.id(16), "GET /" + i, Otlp.nowNanos()).build();
      rig.send(rig.topics.spans(), partition, Otlp.spans("service-" + partition, List.of(span)));
      ids.add(hex(span.getSpanId()));
    }
    return ids;
  }

  private static String hex(ByteString id) {
    return java.util.HexFormat.of().formatHex(id.toByteArray());
  }

  private static long nextOffset(StorageRig rig) {
    return rig.number(offsetSql(rig));
  }

  private static String offsetSql(StorageRig rig) {
    return "select next_offset from telemetry.ingest_offset where topic = '"
        + rig.topics.spans().name()
        + "'";
  }

  private static List<ConsumerRecord<byte[], byte[]>> deadLetters(Topic of) {
    var deserializer = new ByteArrayDeserializer();
    List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", Backends.kafka()),
            deserializer,
            deserializer)) {
      TopicPartition partition = new TopicPartition(Topic.DEAD_LETTER.name(), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> letter : consumer.poll(Duration.ofMillis(200))) {
          if (header(letter, DeadLetterHeaders.TOPIC).equals(of.name())) {
            letters.add(letter);
          }
        }
      }
    }
    return letters;
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
