package dev.tocsin.common.kafka;

import static dev.tocsin.common.kafka.ListSource.partition;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.runtime.Health;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RecordKernelTest {
  private final List<String> stored = new ArrayList<>();
  private final Map<TopicPartition, Long> offsets = new HashMap<>();
  private final List<String> aside = new ArrayList<>();
  private final List<Integer> flushed = new ArrayList<>();
  private long nowNanos;
  private boolean databaseAway;
  private boolean asideAway;
  private boolean probeAnswers;
  private int stagedMax = Integer.MAX_VALUE;

  /** Stores texts with their offsets in one step; some texts make it fail. */
  private final class Store implements Work {
    private final Map<TopicPartition, TreeMap<Long, String>> staged = new HashMap<>();
    private final Map<TopicPartition, Long> next = new HashMap<>();

    @Override
    public long begin(TopicPartition partition, Extent extent) {
      staged.put(partition, new TreeMap<>());
      long offset = Math.max(extent.beginning(), offsets.getOrDefault(partition, 0L));
      next.put(partition, offset);
      return offset;
    }

    @Override
    public void end(TopicPartition partition) {
      staged.remove(partition);
      next.remove(partition);
    }

    @Override
    public Verdict take(ConsumerRecord<byte[], byte[]> message) {
      String text = new String(message.value(), UTF_8);
      if (text.startsWith("odd")) {
        skip(message);
        return Verdict.putAside("odd", text);
      }
      if (text.startsWith("throws")) {
        throw new ArithmeticException(text);
      }
      if (text.startsWith("deep")) {
        throw new StackOverflowError(text);
      }
      TopicPartition partition = partition(message.partition());
      staged.get(partition).put(message.offset(), text);
      next.put(partition, message.offset() + 1);
      return Verdict.TAKEN;
    }

    @Override
    public void skip(ConsumerRecord<byte[], byte[]> message) {
      next.put(partition(message.partition()), message.offset() + 1);
    }

    @Override
    public boolean isFull() {
      return staged.values().stream().mapToInt(TreeMap::size).sum() >= stagedMax;
    }

    @Override
    public void flush(Turn turn) throws Exception {
      List<String> all = staged.values().stream().flatMap(some -> some.values().stream()).toList();
      if (!all.isEmpty()) {
        flushed.add(all.size());
      }
      if (databaseAway) {
        throw new java.io.IOException("the database is away");
      }
      if (all.stream().anyMatch(text -> text.startsWith("slow"))) {
        throw new java.util.concurrent.TimeoutException("no answer in 60 s");
      }
      if (all.stream().anyMatch(text -> text.startsWith("unstorable"))) {
        throw new IllegalStateException("cannot be stored");
      }
      stored.addAll(all);
      next.forEach(
          (partition, offset) -> {
            offsets.merge(partition, offset, Math::max);
            turn.durable(partition, offset);
          });
      staged.values().forEach(TreeMap::clear);
    }

    @Override
    public boolean probe() {
      return probeAnswers;
    }
  }

  private RecordKernel kernel() {
    Aside letters =
        new Aside() {
          @Override
          public Future<Void> put(
              ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
            if (asideAway) {
              return Future.failedFuture("Kafka is away");
            }
            aside.add(message.partition() + "@" + message.offset() + " " + reason);
            return Future.succeededFuture();
          }

          @Override
          public boolean isForOthers(ConsumerRecord<byte[], byte[]> message) {
            return new String(message.value(), UTF_8).startsWith("replayed for others");
          }
        };
    return new RecordKernel(
        "test",
        PartitionChoice.shared(List.of(ListSource.TOPIC)),
        Store::new,
        letters,
        new SimpleMeterRegistry(),
        () -> nowNanos);
  }

  private static List<String> good(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  @Test
  void search_needsNoNewSource() throws Exception {
    List<String> texts = new ArrayList<>(good("a", 30));
    texts.add(11, "unstorable");
    texts.add(22, "throws");
    RecordKernel kernel = kernel();
    kernel.open(new ListSource(ListSource.log(texts, good("b", 5))));
    for (int i = 0; i < 30; i++) {
      kernel.step();
    }
    assertThat(stored).hasSize(35).doesNotHaveDuplicates();
    assertThat(aside).hasSize(2);
    kernel.close();
  }

  /** Whoever has used a record well would use it twice when another's letter is put back. */
  @Test
  void recordPutBackForOthers_isPassed() throws Exception {
    List<String> texts = new ArrayList<>(good("a", 5));
    texts.add(2, "replayed for others");
    texts.add("replayed for others");
    RecordKernel kernel = kernel();
    run(kernel, ListSource.log(texts, List.of()), 5);
    assertThat(stored).containsExactlyElementsOf(good("a", 5));
    assertThat(aside).isEmpty();
    assertThat(offsets).containsEntry(partition(0), 7L);
    assertThat(kernel.progress().lag()).isZero();
  }

  private void run(RecordKernel kernel, Map<TopicPartition, List<String>> log, int steps)
      throws Exception {
    run(kernel, log, steps, Integer.MAX_VALUE);
  }

  /** Steps until nothing is left to do, opening anew after each failure as the loop does. */
  private void run(
      RecordKernel kernel, Map<TopicPartition, List<String>> log, int steps, int recordsPerPollMax)
      throws Exception {
    boolean open = false;
    for (int i = 0; i < steps; i++) {
      if (!open) {
        ListSource source = new ListSource(log);
        source.recordsMax = recordsPerPollMax;
        kernel.open(source);
        open = true;
      }
      try {
        kernel.step();
      } catch (Exception e) {
        kernel.close();
        open = false;
      }
      nowNanos += Duration.ofSeconds(6).toNanos();
    }
    if (open) {
      kernel.close();
    }
  }

  private Health health(RecordKernel kernel) {
    return kernel.progress().check("test", nowNanos);
  }

  @Test
  void record_isPutAsideAlone_whateverItThrowsAndWherever() throws Exception {
    for (String bad : List.of("throws", "deep", "odd", "unstorable", "slow")) {
      for (int at : List.of(0, 1, 37, 99)) {
        stored.clear();
        offsets.clear();
        aside.clear();
        probeAnswers = true;
        List<String> texts = new ArrayList<>(good("a", 99));
        texts.add(at, bad);
        List<String> others = good("b", 50);
        RecordKernel kernel = kernel();
        run(kernel, ListSource.log(texts, others), 100);
        assertThat(aside).as(bad + " at " + at).hasSize(1);
        assertThat(aside.get(0)).startsWith("0@" + at + " ");
        texts.remove(at);
        List<String> expected = new ArrayList<>(texts);
        expected.addAll(others);
        assertThat(stored).as(bad + " at " + at).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(health(kernel)).isEqualTo(Health.healthy());
      }
    }
  }

  @Test
  void records_areAllFound_whenManyAreBadInBothPartitions() throws Exception {
    List<String> first = new ArrayList<>(good("a", 40));
    List<String> second = new ArrayList<>(good("b", 40));
    for (int i = 0; i < 40; i += 3) {
      first.set(i, "unstorable" + i);
      second.set(i + 1 < 40 ? i + 1 : i, "throws" + i);
    }
    run(kernel(), ListSource.log(first, second), 200);
    assertThat(aside).hasSize(28).doesNotHaveDuplicates();
    assertThat(stored).hasSize(52).doesNotHaveDuplicates();
    assertThat(stored).allMatch(text -> text.startsWith("a") || text.startsWith("b"));
  }

  @Test
  void nothing_isPutAside_whileTheWorldFails_andItIsSaidWhatWaits() throws Exception {
    databaseAway = true;
    RecordKernel kernel = kernel();
    Map<TopicPartition, List<String>> log = ListSource.log(good("a", 10), good("b", 10));
    run(kernel, log, 40);
    // Looking at the ends is part of a step that goes well, so a partition's first look is missing.
    databaseAway = false;
    run(kernel, log, 5);
    assertThat(aside).isEmpty();
    assertThat(stored).hasSize(20);
    databaseAway = true;
    log.get(partition(0)).add("later");
    run(kernel, log, 10);
    assertThat(aside).isEmpty();
    assertThat(stored).hasSize(20);
    kernel.progress().cause("the database is away", nowNanos);
    assertThat(health(kernel))
        .isEqualTo(
            Health.unhealthy(
                "test: t-0 stands at offset 10 for 66 s while 1 waits: the database is away"));
    databaseAway = false;
    run(kernel, log, 60);
    kernel.progress().cause("", nowNanos);
    assertThat(stored).hasSize(21);
    assertThat(health(kernel)).isEqualTo(Health.healthy());
  }

  @Test
  void slowRecord_isNotPutAside_whileNothingElseAnswersEither() throws Exception {
    run(kernel(), ListSource.log(List.of("a", "slow", "b"), List.of()), 100);
    assertThat(aside).isEmpty();
    assertThat(stored).containsExactly("a");
  }

  @Test
  void recordsOfOthers_areStored_whileThoseThatFailFillEveryPoll() throws Exception {
    List<String> texts = new ArrayList<>(List.of("slow"));
    texts.addAll(good("a", 50));
    Map<TopicPartition, List<String>> log = ListSource.log(texts, good("b", 10));
    RecordKernel kernel = kernel();
    run(kernel, log, 16, 5);
    assertThat(stored).containsExactlyElementsOf(good("b", 10));
    log.get(partition(1)).addAll(good("c", 5));
    run(kernel, log, 4, 5);
    assertThat(stored).hasSize(15).contains("c4");
    probeAnswers = true;
    run(kernel, log, 60, 5);
    assertThat(aside).containsExactly("0@0 failed");
    assertThat(stored).hasSize(65).doesNotHaveDuplicates();
  }

  @Test
  void offset_doesNotMovePastARecord_whileItsLetterIsNotSafe() throws Exception {
    asideAway = true;
    Map<TopicPartition, List<String>> log = ListSource.log(List.of("a", "odd", "b"), List.of());
    run(kernel(), log, 30);
    assertThat(offsets.getOrDefault(partition(0), 0L)).isLessThanOrEqualTo(1);
    asideAway = false;
    run(kernel(), log, 10);
    assertThat(aside).containsExactly("0@1 odd");
    assertThat(stored).containsExactly("a", "b");
  }

  @Test
  void fullWork_isFlushed_beforeItHasMore() throws Exception {
    stagedMax = 3;
    Map<TopicPartition, List<String>> log =
        ListSource.log(List.of("a", "b", "odd", "c", "d", "throws", "e"), good("f", 5));
    run(kernel(), log, 20);
    assertThat(stored).hasSize(10).doesNotHaveDuplicates();
    assertThat(aside).containsExactlyInAnyOrder("0@2 odd", "0@5 failed");
    assertThat(flushed).allMatch(some -> some <= stagedMax);
  }

  @Test
  void fullWork_holdsItsOffset_whileALetterIsNotSafe() throws Exception {
    stagedMax = 1;
    asideAway = true;
    Map<TopicPartition, List<String>> log = ListSource.log(List.of("odd", "a", "b"), List.of());
    run(kernel(), log, 30);
    assertThat(offsets.getOrDefault(partition(0), 0L)).isZero();
    asideAway = false;
    run(kernel(), log, 10);
    assertThat(stored).containsExactly("a", "b");
  }

  @Test
  void markersAtTheEnd_areNoRecordsThatWait() throws Exception {
    RecordKernel kernel = kernel();
    run(kernel, ListSource.log(List.of("a", ""), List.of("", "")), 30);
    assertThat(kernel.progress().lag()).isZero();
    assertThat(health(kernel)).isEqualTo(Health.healthy());
  }

  @Test
  void work_isAskedAnew_whenItsOffsetIsOutOfRange() throws Exception {
    Map<TopicPartition, List<String>> log = ListSource.log(good("a", 10), good("b", 2));
    RecordKernel kernel = kernel();
    ListSource source = new ListSource(log);
    kernel.open(source);
    kernel.step();
    assertThat(stored).hasSize(12);
    log.get(partition(0)).addAll(good("c", 10));
    source.beginnings.put(partition(0), 15);
    kernel.step();
    kernel.step();
    kernel.step();
    assertThat(stored).hasSize(17).contains("c5", "c9").doesNotContain("c4");
  }

  @Test
  void damagedRecord_isPutAside_afterItWasAskedForSeveralTimes() throws Exception {
    Map<TopicPartition, List<String>> log = ListSource.log(good("a", 3), List.of());
    RecordKernel kernel = kernel();
    ListSource source = new ListSource(log);
    kernel.open(source);
    kernel.step();
    log.get(partition(0)).addAll(List.of("damaged", "after"));
    for (int i = 1; i < 3; i++) {
      source.pollFailure = damaged();
      assertThatThrownBy(kernel::step).isInstanceOf(UnreadableRecordException.class);
    }
    source.pollFailure = damaged();
    kernel.step();
    kernel.step();
    assertThat(stored).containsExactly("a0", "a1", "a2", "after");
    assertThat(aside).containsExactly("0@3 unreadable");
  }

  private static UnreadableRecordException damaged() {
    return new UnreadableRecordException(partition(0), 3, new IllegalStateException("crc"));
  }

  @Test
  void search_takesFewFlushes() throws Exception {
    List<String> texts = new ArrayList<>(good("a", 1_023));
    texts.add(700, "unstorable");
    run(kernel(), ListSource.log(texts, List.of()), 30);
    assertThat(stored).hasSize(1_023);
    assertThat(flushed.size()).isLessThan(60);
  }
}
