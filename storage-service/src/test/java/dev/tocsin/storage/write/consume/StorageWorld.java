package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SeriesCollisions;
import dev.tocsin.testkit.sim.SimAside;
import dev.tocsin.testkit.sim.SimConsumer;
import dev.tocsin.testkit.sim.SimLedger;
import dev.tocsin.testkit.sim.SimRecord;
import dev.tocsin.testkit.sim.SimScheduler;
import dev.tocsin.testkit.sim.SimWorld;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** One signal's topic, and instances that store it with the real work and real buffers. */
final class StorageWorld {
  private static final Duration ENCODING_MAX = Duration.ofMillis(300);
  private static final Duration PAST = Duration.ofDays(7);
  private static final Duration FUTURE = Duration.ofMinutes(10);
  private static final long BYTES_MAX = 2_000;

  final SimWorld world;
  final SimSignal signal;
  final SimStore store;
  private final SimScheduler scheduler;
  private final SimLedger ledger;
  private final IdentityHashMap<byte[], SimExport> exports = new IdentityHashMap<>();
  private final Set<Long> refused = new HashSet<>();

  StorageWorld(long seed, SimSignal signal, int partitionsMax, Duration latencyMax) {
    this.signal = signal;
    world =
        new SimWorld(
            seed,
            "tocsin-storage",
            List.of(signal.topic.name()),
            partitionsMax,
            () -> new IOException("simulated: connection lost"));
    scheduler = world.scheduler();
    ledger = world.ledger();
    store =
        new SimStore(
            world.database().withLatency(latencyMax), signal, refused::contains, ledger::finding);
    store.onStored(this::stored);
    world.noticedWhen(this::noticed);
  }

  private boolean noticed(TopicPartition partition) {
    Resume.Point point = store.peek(partition);
    Extent extent = world.kafka().extent(partition);
    return point.topicId().equals(extent.topicId()) && point.offset() <= extent.end();
  }

  private void stored(TopicPartition partition, long from, long to, List<Long> items) {
    Set<Long> batch = new HashSet<>(items);
    world.passed(
        partition, from, to, record -> of(record).inside().stream().anyMatch(batch::contains));
  }

  /** A record to be written. */
  byte[] export(int goodShare) {
    SimExport export = SimExport.any(signal, exports.size(), scheduler, goodShare);
    exports.put(export.value(), export);
    if (export.kind() == SimExport.Kind.UNSTORABLE) {
      refused.addAll(export.inside());
    }
    return export.value();
  }

  private SimExport of(SimRecord record) {
    return exports.get(record.value());
  }

  SimConsumer consumer(String name) {
    return world.consumer(name, () -> life(name));
  }

  private SimConsumer.Life life(String name) {
    FlushLimits limits = new FlushLimits(Duration.ofSeconds(1), 1 + scheduler.pick(30), BYTES_MAX);
    Host host = new Host(this::encode, world.awaiting(), scheduler::nanoTime);
    String topic = signal.topic.name();
    ConsumeMetrics metrics = new ConsumeMetrics(new SimpleMeterRegistry(), topic);
    return world.life(
        name,
        PartitionChoice.shared(List.of(topic)),
        () -> new TopicWork(topic, store, this::idOf, this::buffer, limits, metrics, host));
  }

  private Future<Batch.Content> encode(Supplier<Batch.Content> encoding) {
    Promise<Batch.Content> encoded = Promise.promise();
    scheduler.after(
        scheduler.upTo(ENCODING_MAX),
        () -> {
          try {
            encoded.complete(encoding.get());
          } catch (RuntimeException e) {
            encoded.fail(e);
          }
        });
    return encoded.future();
  }

  private Future<Uuid> idOf(String topic) {
    Promise<Uuid> answer = Promise.promise();
    scheduler.after(
        scheduler.upTo(ENCODING_MAX),
        () -> {
          try {
            answer.complete(world.kafka().idOf(topic));
          } catch (KafkaException e) {
            answer.fail(e);
          }
        });
    return answer.future();
  }

  private Buffer buffer(int part) throws Exception {
    Window window = new Window(scheduler, PAST, FUTURE);
    return new SimPoison(
        switch (signal) {
          case SPANS -> new ItemBuffer(new SpanItems(scheduler), window);
          case LOGS -> new ItemBuffer(new LogItems(scheduler), window);
          case METRICS ->
              new MetricBuffer(
                  window,
                  scheduler,
                  0,
                  IdentifyingAttributes.DEFAULT,
                  world.awaiting().await(store.totals(part, 0)),
                  new RecentlySeen<>(scheduler),
                  MetricHeap.ofProcess(),
                  RecentItems.ofProcess(scheduler),
                  new SeriesCollisions(scheduler));
        },
        this::kind);
  }

  private SimExport.Kind kind(ConsumerRecord<byte[], byte[]> message) {
    return exports.get(message.value()).kind();
  }

  /** Enters in the books what has become of each record. */
  void judge() {
    Set<Long> whole = new HashSet<>();
    Map<Long, Set<Long>> parts = new HashMap<>();
    for (SimAside.Letter letter : world.aside().letters()) {
      long sequence = letter.sequence();
      if (letter.reason().equals("time_outside")) {
        parts
            .computeIfAbsent(sequence, s -> new HashSet<>())
            .addAll(SimExport.items(signal, letter.message().value()));
      } else {
        whole.add(sequence);
      }
    }
    for (SimRecord record : world.producers().written()) {
      long sequence = record.sequence();
      judge(record, whole.contains(sequence), parts.getOrDefault(sequence, Set.of()));
    }
    for (TopicPartition partition : world.producers().partitions()) {
      Resume.Point point = store.peek(partition);
      if (world.kafka().hasMore(partition, point.offset())) {
        ledger.finding(
            partition + " is stored to " + point + " of " + world.kafka().extent(partition));
      }
    }
  }

  private void judge(SimRecord record, boolean isAside, Set<Long> partAside) {
    SimExport export = of(record);
    boolean excused = ledger.isExcused(record.sequence());
    boolean used = export.inside().stream().anyMatch(store::has);
    if (used) {
      ledger.used(record.sequence());
    }
    boolean damaged = world.aside().hasUnreadable(record);
    if ((isAside && !(used && damaged)) || (export.inside().isEmpty() && !partAside.isEmpty())) {
      ledger.aside(record.sequence());
    }
    if (export.kind() == SimExport.Kind.EMPTY) {
      ledger.excused(record.sequence(), "nothing in it");
    }
    String what = record.place() + " (record " + record.sequence() + ", " + export.kind() + ")";
    if (used && (export.kind().isPutAside() || !export.inside().stream().allMatch(store::has))) {
      ledger.finding(what + " is stored, or part of it");
    }
    if (export.outside().stream().anyMatch(store::has)) {
      ledger.finding(what + " is stored with what is too old");
    }
    if (used && !partAside.containsAll(export.outside())) {
      ledger.finding(what + " has items that are neither stored nor aside");
    }
    if (isAside && !excused && !damaged && !export.kind().isPutAside()) {
      ledger.finding(what + " was put aside");
    }
  }
}
