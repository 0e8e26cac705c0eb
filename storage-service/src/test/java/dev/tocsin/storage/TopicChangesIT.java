package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.KafkaOptions;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka loses records, or is given other ones under the same offsets: what was stored stays, what
 * comes is stored once, and what is missing is told.
 */
final class TopicChangesIT {

  @Test
  void newTopic_isReadFromItsBeginning_whenItWasMadeWhileStorageWasStopped() throws Exception {
    try (StorageRig rig = new StorageRig("anew", Backends.freshDatabase("anew"), 1)) {
      StorageService first = rig.start();
      List<String> sent = send(rig, 10);
      rig.awaitItems("span_seg", sent.size());
      rig.stop(first);
      makeAnew(rig);
      // More than before: that the new one has the next offset, too, proves nothing.
      sent.addAll(send(rig, 15));
      StorageService second = rig.start();
      assertStoredOnce(rig, sent);
      assertThat(gaps(rig)).containsExactly("10-? new_topic");
      rig.stop(second);
      rig.start();
      sent.addAll(send(rig, 2));
      assertStoredOnce(rig, sent);
      assertThat(gaps(rig)).hasSize(1);
    }
  }

  @Test
  void newTopic_isReadFromItsBeginning_whenItIsMadeWhileStorageRuns() throws Exception {
    try (StorageRig rig = new StorageRig("live", Backends.freshDatabase("live"), 1)) {
      rig.start();
      List<String> sent = send(rig, 10);
      rig.awaitItems("span_seg", sent.size());
      for (int round = 1; round <= 2; round++) {
        makeAnew(rig);
        sent.addAll(send(rig, 25));
        assertStoredOnce(rig, sent);
        assertThat(gaps(rig)).hasSize(round);
      }
    }
  }

  @Test
  void recordsThatRetentionTookFirst_areAGap_countedAndKept() throws Exception {
    try (StorageRig rig = new StorageRig("late", Backends.freshDatabase("late"), 1)) {
      StorageService first = rig.start();
      List<String> sent = send(rig, 5);
      rig.awaitItems("span_seg", sent.size());
      rig.stop(first);
      List<String> missed = send(rig, 5);
      try (Admin admin = rig.admin()) {
        admin
            .deleteRecords(
                Map.of(
                    new TopicPartition(rig.topics.spans().name(), 0),
                    RecordsToDelete.beforeOffset(10)))
            .all()
            .get(30, TimeUnit.SECONDS);
      }
      sent.addAll(send(rig, 3));
      StorageService second = rig.start();
      assertStoredOnce(rig, sent);
      assertThat(rig.storedSpanIds()).doesNotContainAnyElementsOf(missed);
      assertThat(gaps(rig)).containsExactly("5-10 retention");
      assertThat(rig.get(second, "/metrics").body())
          .contains("tocsin_storage_gaps_total{reason=\"retention\",service=\"storage-service\"")
          .contains("topic=\"" + rig.topics.spans().name() + "\"} 1.0");
    }
  }

  @Test
  void lostTail_isGoneOnAfter_withoutAnythingStoredTwice(@TempDir Path directory) throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory));
        StorageRig rig =
            new StorageRig(
                kafka.bootstrapServers(),
                Backends.freshDatabase("tail"),
                1,
                StorageRig.topics("tail"))) {
      rig.start();
      List<String> sent = send(rig, 10);
      rig.awaitItems("span_seg", sent.size());
      kafka.kill();
      cutAfter(6, directory, rig.topics.spans().name() + "-0");
      kafka.restart();
      await()
          .atMost(StorageRig.PATIENCE)
          .ignoreExceptions()
          .until(() -> gaps(rig).equals(List.of("6-10 lost_tail")));
      rig.sendAnew();
      sent.addAll(send(rig, 9));
      assertStoredOnce(rig, sent);
      assertThat(gaps(rig)).hasSize(1);
    }
  }

  private static void assertStoredOnce(StorageRig rig, List<String> sent) throws Exception {
    rig.awaitItems("span_seg", sent.size());
    assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(sent);
    // Counts of a minute are replaced under the id of the offset they began at.
    rig.awaitNumber("select sum(c) from telemetry.span_red, unnest(calls) c", sent.size());
  }

  private static List<String> send(StorageRig rig, int count) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Span span = Otlp.span(Otlp.id(16), "GET /", Otlp.nowNanos()).build();
      rig.send(rig.topics.spans(), 0, Otlp.spans("service", List.of(span)));
      ids.add(HexFormat.of().formatHex(span.getSpanId().toByteArray()));
    }
    return ids;
  }

  private static List<String> gaps(StorageRig rig) throws Exception {
    List<String> gaps = new ArrayList<>();
    try (var connection = Backends.connect(rig.postgres);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select from_offset, coalesce(to_offset::text, '?'), reason from"
                    + " telemetry.ingest_gap order by at")) {
      while (rows.next()) {
        gaps.add(rows.getLong(1) + "-" + rows.getString(2) + " " + rows.getString(3));
      }
    }
    return gaps;
  }

  private static void makeAnew(StorageRig rig) throws Exception {
    String name = rig.topics.spans().name();
    try (Admin admin = rig.admin()) {
      admin.deleteTopics(List.of(name)).all().get(30, TimeUnit.SECONDS);
      await()
          .atMost(StorageRig.PATIENCE)
          .until(
              () -> {
                try {
                  admin
                      .createTopics(List.of(rig.describe(rig.topics.spans())))
                      .all()
                      .get(30, TimeUnit.SECONDS);
                  return true;
                } catch (ExecutionException e) {
                  assertThat(e.getCause()).isInstanceOf(TopicExistsException.class);
                  return false;
                }
              });
    }
  }

  /** What a power cut does: the file ends early. Each batch holds one record. */
  private static void cutAfter(int batches, Path kafka, String partition) throws IOException {
    Path folder;
    try (Stream<Path> all = Files.walk(kafka)) {
      folder = all.filter(path -> path.endsWith(partition)).findFirst().orElseThrow();
    }
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("00000000000000000000.log"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      long at = 0;
      for (int i = 0; i < batches; i++) {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        file.read(length, at + Long.BYTES);
        at += Long.BYTES + Integer.BYTES + length.getInt(0);
      }
      file.truncate(at);
    }
    // Made anew from the log.
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(path -> path.toString().matches(".*[.](index|timeindex|snapshot)"))
          .forEach(TopicChangesIT::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
