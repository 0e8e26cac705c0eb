package dev.tocsin.app.hostile;

import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.hostile.Export;
import dev.tocsin.testkit.hostile.Format;
import dev.tocsin.testkit.hostile.HostileExports;
import dev.tocsin.testkit.hostile.Marker;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * States the law of records for all consumers at once: after each batch of hostile exports a marker
 * of every signal comes out of storage, derive and evaluate, nobody is ill, the heap is as it was,
 * and what was stored, put aside or known already adds up to what was accepted. As a program:
 * {@code HostileRun --minutes N --seed S}; it prints findings with the seeds of their batch and
 * ends with 1.
 */
final class HostileRun {
  private static final int BATCH = 20;
  private static final int FINDINGS_MAX = 20;
  private static final int HEAP_EVERY = 20;
  private static final long HEAP_GROWTH_MAX = 160L << 20;

  /** Seconds are right; a machine that builds something else beside needs more. */
  private static final long LIMIT_MS = 60_000;

  private final HostileSuite suite;
  private final HostileSender sender;
  private final MarkerWatch watch;
  private final SplittableRandom random;
  private final List<String> findings = new ArrayList<>();
  private final Map<String, Integer> answers = new TreeMap<>();
  private long markers;
  private long sent;

  HostileRun(HostileSuite suite, long seed) {
    this.suite = suite;
    this.sender = new HostileSender(suite);
    this.watch = new MarkerWatch(suite);
    this.random = new SplittableRandom(seed);
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 4 || !args[0].equals("--minutes") || !args[2].equals("--seed")) {
      System.err.println("arguments: --minutes N --seed S");
      System.exit(2);
    }
    Instant end = Instant.now().plus(Duration.ofMinutes(Long.parseLong(args[1])));
    List<String> findings;
    try (HostileSuite suite = HostileSuite.start(Files.createTempDirectory("hostile"))) {
      HostileRun run = new HostileRun(suite, Long.parseLong(args[3]));
      run.begin();
      long heap = heap();
      int told = 0;
      while (Instant.now().isBefore(end) && run.findings.size() < FINDINGS_MAX) {
        run.batch();
        // To look at the heap takes a collection, which would be most of the load.
        if (run.markers % HEAP_EVERY == 0) {
          System.out.printf(
              "%s sent %,d, heap %,d MB, answers %s%n",
              Instant.now(), run.sent, heap() >> 20, run.answers);
        }
        told = tell(run.findings, told);
      }
      run.end(heap);
      findings = run.findings;
      tell(findings, told);
    }
    System.out.println(findings.isEmpty() ? "no finding" : findings.size() + " findings");
    System.exit(findings.isEmpty() ? 0 : 1);
  }

  /** Prints those that were not told before; returns how many are told. */
  private static int tell(List<String> findings, int told) {
    findings.stream().skip(told).forEach(finding -> System.out.println("FINDING " + finding));
    return findings.size();
  }

  List<String> findings() {
    return findings;
  }

  Map<String, Integer> answers() {
    return answers;
  }

  /** A marker before anything else, so that all of the path is warm. */
  void begin() throws Exception {
    mark("before the first batch");
  }

  /** Sends some exports, then a marker. */
  void batch() throws Exception {
    Instant now = Instant.now();
    StringBuilder batch = new StringBuilder();
    for (int i = 0; i < BATCH; i++) {
      Export export = HostileExports.of(random.nextLong(), now);
      boolean overGrpc = export.format() == Format.PROTOBUF && random.nextBoolean();
      String answer;
      try {
        answer = sender.send(export.signal(), export.format(), export.body(), overGrpc);
      } catch (RuntimeException failure) {
        answer = "no answer";
        findings.add("no answer (" + failure + ") to " + export);
      }
      answers.merge(answer, 1, Integer::sum);
      if (answer.equals("500") || answer.equals("grpc 13")) {
        findings.add(answer + " to " + export);
      }
      batch.append("\n  ").append(answer).append(" to ").append(export);
      sent++;
    }
    mark("after the batch of " + now + ":" + batch);
  }

  private void mark(String when) throws Exception {
    Marker marker = new Marker(markers++, Instant.now());
    for (Signal signal : List.of(Signal.TRACES, Signal.METRICS, Signal.LOGS)) {
      String answer = sender.send(signal, Format.PROTOBUF, marker.request(signal), false);
      if (!answer.equals("200")) {
        findings.add("marker " + marker.number() + ": " + answer + " for its " + signal.label());
      }
    }
    List<String> missing = watch.missing(marker, markers, LIMIT_MS);
    List<String> complaints = suite.complaints();
    if (!missing.isEmpty() || !complaints.isEmpty()) {
      findings.add(
          "marker " + marker.number() + " misses " + missing + ", " + complaints + " " + when);
    }
  }

  /**
   * Compares sums and heap.
   *
   * @param heapBefore after the first marker
   */
  void end(long heapBefore) throws Exception {
    sums(Signal.TRACES);
    sums(Signal.LOGS);
    long grown = heap() - heapBefore;
    if (grown > HEAP_GROWTH_MAX) {
      findings.add("the heap has grown by " + (grown >> 20) + " MB");
    }
  }

  /** Waits until every item is accounted for, or it is clear that some are not. */
  private void sums(Signal signal) throws Exception {
    String topic = signal.topic().name();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MS);
    double accepted;
    double kept;
    do {
      TimeUnit.MILLISECONDS.sleep(200);
      accepted = suite.sum("ingest", "otlp.items", "signal", signal.label(), "outcome", "accepted");
      kept =
          suite.sum("storage", "tocsin.storage.items", "topic", topic)
              + suite.sum("storage", "tocsin.storage.items.rejected", "topic", topic)
              + suite.sum("storage", "tocsin.storage.items.repeated", "topic", topic)
              + wholeLetters(signal);
    } while (accepted != kept && System.nanoTime() < end);
    if (accepted != kept) {
      findings.add(
          "%s: accepted %.0f, stored and put aside %.0f".formatted(signal.label(), accepted, kept));
    }
    if (suite.sum("storage", "tocsin.storage.lag.records", "topic", topic) != 0) {
      findings.add(signal.label() + ": storage lags");
    }
  }

  /** Items of records that storage put aside whole; those it has items of are counted elsewhere. */
  private int wholeLetters(Signal signal) {
    if (suite.sum(
            "storage", "tocsin.dead.letters", "topic", signal.topic().name(), "reason", "malformed")
        == 0) {
      return 0;
    }
    Set<String> seen = new HashSet<>();
    int items = 0;
    for (ConsumerRecord<byte[], byte[]> letter : letters()) {
      String origin = header(letter, DeadLetterHeaders.TOPIC);
      String place =
          header(letter, DeadLetterHeaders.PARTITION) + header(letter, DeadLetterHeaders.OFFSET);
      boolean malformed = header(letter, DeadLetterHeaders.REASON).startsWith("malformed");
      if (malformed && origin.equals(signal.topic().name()) && seen.add(place)) {
        try {
          items += OtlpScanner.scan(signal, letter.value()).items();
        } catch (MalformedOtlpException unreadable) {
          findings.add("a letter of " + signal.label() + " cannot be read: " + unreadable);
        }
      }
    }
    return items;
  }

  private List<ConsumerRecord<byte[], byte[]>> letters() {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    var bytes = new ByteArrayDeserializer();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", suite.kafka()), bytes, bytes)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topic.DEAD_LETTER.name()).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(all::add);
      }
    }
    return all;
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  /** What is live after a full collection. */
  static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
