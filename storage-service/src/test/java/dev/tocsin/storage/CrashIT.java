package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances in processes of their own share the partitions; they and PostgreSQL are killed at
 * random points under load. Each death also moves partitions between the instances. Span ids in are
 * span ids out, each once.
 */
final class CrashIT {
  private static final int PARTITIONS = 4;
  private static final int SPANS = 3_000;
  private static final int SPANS_A_RECORD = 3;
  private static final int FAULTS = 6;

  /** Random, but the same in every run; {@code -Dtocsin.crash.seed} for others. */
  private static final long SEED = Long.getLong("tocsin.crash.seed", 26);

  @TempDir private Path logs;

  @Test
  void spans_areStoredOnceEach_whenInstancesAndPostgresAreKilled() throws Exception {
    try (EmbeddedPostgres postgres = Backends.dedicatedPostgres();
        StorageRig rig =
            new StorageRig(
                "crash",
                Backends.freshDatabase(Backends.serverOf(postgres), "crash"),
                PARTITIONS)) {
      rig.with("storage.flush_interval", "20ms");
      List<StorageChild> instances = new ArrayList<>();
      try {
        instances.add(rig.startProcess(logs.resolve("first.log")));
        instances.add(rig.startProcess(logs.resolve("second.log")));
        rig.awaitNumber(
            "select count(*) from telemetry.ingest_offset where topic = '"
                + rig.topics.spans().name()
                + "'",
            PARTITIONS);
        List<String> sent = new ArrayList<>();
        Random random = new Random(SEED);
        for (int fault = 0; fault < FAULTS; fault++) {
          sent.addAll(send(rig, random, SPANS / FAULTS));
          int victim = random.nextInt(3);
          if (victim == 2) {
            postgres.kill();
            sent.addAll(send(rig, random, 30));
            postgres.restart();
          } else {
            instances.get(victim).kill();
            sent.addAll(send(rig, random, 30));
            instances.get(victim).restart();
          }
        }
        sent.addAll(send(rig, random, 100));
        rig.awaitItems("span_seg", sent.size());
        assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(sent);
        // What is counted beside the segments was counted once too, whoever counted it.
        assertThat(rig.number("select sum(c) from telemetry.span_red, unnest(calls) as c"))
            .isEqualTo(sent.size());
        assertThat(rig.number("select sum(s) from telemetry.trace_summary, unnest(spans) as s"))
            .isEqualTo(sent.size());
        assertThat(instances).allMatch(StorageChild::isAlive);
      } finally {
        for (StorageChild instance : instances) {
          instance.kill();
        }
      }
    }
  }

  private static List<String> send(StorageRig rig, Random random, int spans) throws Exception {
    List<String> ids = new ArrayList<>();
    while (ids.size() < spans) {
      List<Span> request = new ArrayList<>();
      for (int i = 0; i < SPANS_A_RECORD; i++) {
        Span span = Otlp.span(Otlp.id(16), "GET /" + i, Otlp.nowNanos()).build();
        request.add(span);
        ids.add(HexFormat.of().formatHex(span.getSpanId().toByteArray()));
      }
      rig.send(rig.topics.spans(), random.nextInt(PARTITIONS), Otlp.spans("crash", request));
    }
    return ids;
  }
}
