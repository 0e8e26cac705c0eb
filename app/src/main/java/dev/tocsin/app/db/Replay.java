package dev.tocsin.app.db;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Puts dead letters back where they came from, each once: records and the note of which letters
 * were replayed go in one Kafka transaction. Letters that do not meet the filter are left for
 * another time. A second replay that starts meanwhile ends the first. Blocks; used by one thread.
 */
final class Replay {
  static final String GROUP = "tocsin-replay-dead-letters";

  /** What the broker accepts beside an offset. */
  private static final int NOTE_CHARACTERS_MAX = 4_000;

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final String letters;
  private final LetterFilter filter;
  private final boolean dryRun;
  private final Map<String, Integer> partitionCounts = new HashMap<>();
  private final Outcome outcome = new Outcome();

  /** What was done, or would be. */
  static final class Outcome {
    /** Letters by topic and reason. */
    final Map<String, Integer> replayed = new TreeMap<>();

    int left;
    int unreadable;
    int homeless;
    int cut;

    /** Whose other part is stored: it would be counted twice. */
    int partlyStored;
  }

  /** It cannot go on; what was replayed so far stands. */
  static final class ReplayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReplayException(String message) {
      super(message);
    }
  }

  Replay(KafkaSettings kafka, String letters, LetterFilter filter, boolean dryRun) {
    this.kafka = kafka;
    this.letters = letters;
    this.filter = filter;
    this.dryRun = dryRun;
  }

  Outcome run() throws Exception {
    try (Producer<byte[], byte[]> producer = producer();
        Consumer<byte[], byte[]> consumer = consumer()) {
      // First: it ends a replay that is under way, after which its note is final.
      if (!dryRun) {
        producer.initTransactions();
      }
      List<TopicPartition> partitions =
          consumer.partitionsFor(letters, PATIENCE).stream()
              .map(info -> new TopicPartition(letters, info.partition()))
              .toList();
      for (TopicPartition partition : partitions) {
        replay(producer, consumer, partition);
      }
    }
    return outcome;
  }

  private void replay(
      Producer<byte[], byte[]> producer,
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition)
      throws Exception {
    Set<TopicPartition> one = Set.of(partition);
    consumer.assign(one);
    OffsetAndMetadata note = consumer.committed(one, PATIENCE).get(partition);
    long looked = note == null ? 0 : note.offset();
    LeftLetters before = LeftLetters.parse(note == null ? "" : note.metadata());
    long end = consumer.endOffsets(one, PATIENCE).getOrDefault(partition, 0L);
    long begin = consumer.beginningOffsets(one, PATIENCE).getOrDefault(partition, 0L);
    consumer.seek(partition, Math.max(begin, before.firstOr(looked)));
    LeftLetters left = new LeftLetters();
    long position = consumer.position(partition, PATIENCE);
    while (position < end) {
      List<ConsumerRecord<byte[], byte[]>> messages = consumer.poll(POLL).records(partition);
      if (!dryRun) {
        producer.beginTransaction();
      }
      for (ConsumerRecord<byte[], byte[]> message : messages) {
        if (message.offset() < end
            && (message.offset() >= looked || before.contains(message.offset()))) {
          handle(producer, message, left);
        } else {
          // Replayed before: it must not fall into a range of letters left.
          left.pass();
        }
      }
      position = consumer.position(partition, PATIENCE);
      if (!dryRun) {
        commit(producer, consumer, partition, Math.min(position, end), looked, left, before);
      }
    }
  }

  private void handle(
      Producer<byte[], byte[]> producer, ConsumerRecord<byte[], byte[]> message, LeftLetters left)
      throws Exception {
    Optional<Letter> letter = Letter.of(message);
    boolean wanted = letter.filter(filter::matches).isPresent();
    boolean cut = wanted && letter.orElseThrow().isCut();
    boolean partlyStored = wanted && !cut && letter.orElseThrow().isPartlyStored();
    if (!wanted || cut || partlyStored || !hasHome(producer, letter.orElseThrow())) {
      outcome.left++;
      outcome.unreadable += letter.isEmpty() ? 1 : 0;
      outcome.cut += cut ? 1 : 0;
      outcome.partlyStored += partlyStored ? 1 : 0;
      outcome.homeless += wanted && !cut && !partlyStored ? 1 : 0;
      left.leave(message.offset());
      return;
    }
    Letter found = letter.orElseThrow();
    outcome.replayed.merge(found.topic() + " " + found.reason(), 1, Integer::sum);
    left.pass();
    if (!dryRun) {
      // A failed send fails the commit.
      var unused = producer.send(found.original());
    }
  }

  private boolean hasHome(Producer<byte[], byte[]> producer, Letter letter) {
    int partitions =
        partitionCounts.computeIfAbsent(
            letter.topic(), topic -> producer.partitionsFor(topic).size());
    return letter.partition() < partitions;
  }

  private void commit(
      Producer<byte[], byte[]> producer,
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long position,
      long looked,
      LeftLetters left,
      LeftLetters before) {
    String note = left.toString();
    // Those beyond the position that an earlier replay left are still to be looked at.
    String rest = before.after(position).toString();
    String all = note.isEmpty() || rest.isEmpty() ? note + rest : note + "," + rest;
    if (all.length() > NOTE_CHARACTERS_MAX) {
      producer.abortTransaction();
      throw new ReplayException(
          "replayed and left letters alternate too often to be noted down (expected: a wider"
              + " filter); what was replayed so far stands, except for the last batch");
    }
    producer.sendOffsetsToTransaction(
        Map.of(partition, new OffsetAndMetadata(Math.max(position, looked), all)),
        consumer.groupMetadata());
    producer.commitTransaction();
  }

  private Consumer<byte[], byte[]> consumer() {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("group.id", GROUP);
    properties.put("enable.auto.commit", "false");
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    properties.put("allow.auto.create.topics", "false");
    properties.put("max.poll.records", "200");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Producer<byte[], byte[]> producer() {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("transactional.id", GROUP);
    properties.put("compression.type", "lz4");
    properties.put("max.request.size", Long.toString(Topic.MESSAGE_BYTES_MAX + (1 << 20)));
    properties.put("buffer.memory", Long.toString(64L << 20));
    properties.put("max.block.ms", Long.toString(TimeUnit.SECONDS.toMillis(30)));
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
