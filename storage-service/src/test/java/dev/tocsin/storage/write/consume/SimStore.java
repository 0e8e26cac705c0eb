package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.Resume;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SegmentStore;
import dev.tocsin.storage.ports.UnstorableException;
import dev.tocsin.testkit.sim.SimDatabase;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.apache.kafka.common.TopicPartition;

/** The store in memory; whatever it is told to do that must not be is a finding. */
final class SimStore implements SegmentStore {
  private final SimDatabase database;
  private final SimSignal signal;
  private final LongPredicate refused;
  private final Consumer<String> findings;
  private final Map<TopicPartition, Resume.Point> points = new HashMap<>();
  private final Map<TopicPartition, Totals> totals = new HashMap<>();
  private final Map<Long, TopicPartition> stored = new HashMap<>();
  private final Set<String> ids = new HashSet<>();
  private Stored listener = (partition, from, to, items) -> {};

  /** What is accumulated in a partition: blocks by their ids, and the last snapshot. */
  private static final class Totals {
    final TreeMap<Long, List<EncodedMetrics>> blocks = new TreeMap<>();
    long asOf;
    List<SeriesSamples> snapshot = List.of();
    double sum;
  }

  /** Hears of each batch that is stored. */
  interface Stored {
    void batch(TopicPartition partition, long from, long to, List<Long> items);
  }

  /**
   * @param refused items that the database refuses
   */
  SimStore(
      SimDatabase database, SimSignal signal, LongPredicate refused, Consumer<String> findings) {
    this.database = database;
    this.signal = signal;
    this.refused = refused;
    this.findings = findings;
  }

  void onStored(Stored next) {
    listener = next;
  }

  /** As it is, whatever the database's state. */
  Resume.Point peek(TopicPartition partition) {
    return points.getOrDefault(partition, Resume.Point.NONE);
  }

  boolean has(long item) {
    return stored.containsKey(item);
  }

  @Override
  public Future<Resume.Point> point(String topic, int part) {
    TopicPartition partition = new TopicPartition(topic, part);
    return database.later("point of " + partition, () -> peek(partition));
  }

  @Override
  public Future<Boolean> resume(String topic, int part, Resume.Point kept, Resume resume) {
    TopicPartition partition = new TopicPartition(topic, part);
    return database.later(
        "resume " + partition + " at " + resume.point().epoch() + "/" + resume.point().offset(),
        () -> {
          Resume.Point now = peek(partition);
          boolean mine = now.offset() == kept.offset() && now.epoch() == kept.epoch();
          if (mine) {
            move(partition, resume.point());
          }
          return mine;
        });
  }

  private void move(TopicPartition partition, Resume.Point next) {
    Resume.Point now = peek(partition);
    boolean falls =
        next.epoch() < now.epoch() || (next.epoch() == now.epoch() && next.offset() < now.offset());
    if (falls) {
      findings.accept(partition + " goes back from " + now + " to " + next);
    }
    points.put(partition, next);
  }

  @Override
  public Future<Boolean> commit(Batch batch) {
    TopicPartition partition = new TopicPartition(batch.topic(), batch.part());
    String what =
        "store %d of %s from %d/%d to %d"
            .formatted(
                batch.content().items(),
                partition,
                batch.epoch(),
                batch.expectedOffset(),
                batch.nextOffset());
    return database.later(what, () -> commit(partition, batch));
  }

  private boolean commit(TopicPartition partition, Batch batch) {
    Resume.Point now = peek(partition);
    if (now.offset() != batch.expectedOffset() || now.epoch() != batch.epoch()) {
      return false;
    }
    List<Long> items = signal.items(batch.content());
    if (items.stream().anyMatch(refused::test)) {
      throw new UnstorableException("simulated: refused", new IllegalArgumentException());
    }
    long id = Batch.id(batch.epoch(), batch.expectedOffset());
    if (!ids.add(partition + "/" + id)) {
      findings.accept("key " + id + " of " + partition + " is there already");
    }
    for (long item : items) {
      if (stored.put(item, partition) != null) {
        findings.accept("item " + item + " of " + partition + " is stored twice");
      }
    }
    if (batch.content() instanceof Batch.Samples samples) {
      add(partition, batch, samples, items);
    }
    move(partition, new Resume.Point(batch.nextOffset(), now.topicId(), now.epoch()));
    listener.batch(partition, batch.expectedOffset(), batch.nextOffset(), items);
    return true;
  }

  /** The total of the deltas has to be that of the items stored. */
  private void add(TopicPartition partition, Batch batch, Batch.Samples samples, List<Long> items) {
    Totals all = totals.computeIfAbsent(partition, p -> new Totals());
    all.blocks.put(Batch.id(batch.epoch(), batch.expectedOffset()), samples.parts());
    samples
        .totals()
        .ifPresent(
            snapshot -> {
              all.asOf = Batch.id(batch.epoch(), batch.nextOffset());
              all.snapshot = decode(snapshot);
            });
    if (items.isEmpty()) {
      return;
    }
    all.sum += items.stream().mapToLong(Long::longValue).sum();
    double told =
        SimSignal.series(samples).stream()
            .filter(SeriesSamples::accumulated)
            .mapToDouble(series -> series.value(series.lastRecorded()))
            .max()
            .orElse(0);
    if (told != all.sum) {
      findings.accept("the total of %s is %f, not %f".formatted(partition, told, all.sum));
    }
  }

  private static List<SeriesSamples> decode(EncodedMetrics block) {
    return MetricBlocks.decode(MetricBlocks.FORMAT, block.data());
  }

  @Override
  public Future<List<SeriesSamples>> totals(int part, int source) {
    TopicPartition partition = new TopicPartition(signal.topic.name(), part);
    return database.later("totals of " + partition, () -> totals(partition));
  }

  private List<SeriesSamples> totals(TopicPartition partition) {
    Totals all = totals.getOrDefault(partition, new Totals());
    Map<Long, SeriesSamples> last = new HashMap<>();
    all.snapshot.forEach(series -> last.put(series.id(), series));
    for (List<EncodedMetrics> blocks : all.blocks.tailMap(all.asOf, true).values()) {
      for (EncodedMetrics block : blocks) {
        decode(block).stream()
            .filter(series -> series.accumulated() && series.lastRecorded() >= 0)
            .forEach(series -> last.put(series.id(), series));
      }
    }
    return new ArrayList<>(last.values());
  }
}
