package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Transactions.UndecidedException;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.testkit.Backends;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transactions on a real broker: all or nothing, and no failure that lasts. */
class KafkaTransactionsIT {
  private final List<Transactions> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(Transactions::close);
  }

  @Test
  void nothingIsVisible_andTheNextCallWorks_whenARecordIsLargerThanTheClientSends()
      throws Exception {
    Topic topic = topic(Backends.kafka(), Topic.MESSAGE_BYTES_MAX);
    Transactions transactions = transactions(Backends.kafka(), Map.of());
    ProducerRecord<byte[], byte[]> large = message(topic, new byte[17 << 20]);

    assertThatThrownBy(
            () -> transactions.commit(List.of(text(topic, "a"), large, text(topic, "b"))))
        .isExactlyInstanceOf(KafkaException.class)
        .hasMessageContaining("17825792 bytes for " + topic.name())
        .hasCauseInstanceOf(RecordTooLargeException.class)
        .matches(failure -> !Failures.environmental(failure), "is the record's fault");

    transactions.commit(List.of(text(topic, "next")));
    assertThat(visible(Backends.kafka(), topic)).containsExactly("next");
  }

  @Test
  void nothingIsVisible_andOffsetsStay_whenARecordIsLargerThanTheBrokerTakes() throws Exception {
    Topic topic = topic(Backends.kafka(), 100_000);
    Transactions transactions = transactions(Backends.kafka(), Map.of());
    TopicPartition source = new TopicPartition(topic.name(), 0);
    byte[] noise = new byte[200_000];
    new Random(1).nextBytes(noise);
    String group = Backends.uniqueName("group");
    try (Consumer<byte[], byte[]> consumer = consumer(Backends.kafka(), group)) {
      transactions.commit(
          List.of(text(topic, "first")), Map.of(source, 1L), consumer.groupMetadata());

      assertThatThrownBy(
              () ->
                  transactions.commit(
                      List.of(text(topic, "lost"), message(topic, noise)),
                      Map.of(source, 2L),
                      consumer.groupMetadata()))
          .isExactlyInstanceOf(KafkaException.class)
          .hasCauseInstanceOf(RecordTooLargeException.class);

      transactions.settle();
      assertThat(committed(consumer, source)).isEqualTo(1);
      transactions.commit(
          List.of(text(topic, "second")), Map.of(source, 3L), consumer.groupMetadata());
      assertThat(committed(consumer, source)).isEqualTo(3);
      assertThat(visible(Backends.kafka(), topic)).containsExactly("first", "second");
    }
  }

  @Test
  void offsetsMove_whenThereIsNothingToWrite() throws Exception {
    Topic topic = topic(Backends.kafka(), Topic.MESSAGE_BYTES_MAX);
    Transactions transactions = transactions(Backends.kafka(), Map.of());
    TopicPartition source = new TopicPartition(topic.name(), 0);
    try (Consumer<byte[], byte[]> consumer =
        consumer(Backends.kafka(), Backends.uniqueName("group"))) {
      transactions.commit(List.of());
      transactions.commit(List.of(), Map.of(source, 7L), consumer.groupMetadata());
      assertThat(committed(consumer, source)).isEqualTo(7);
    }
  }

  @Test
  void nothingIsVisible_andTheNextCallWorks_whenAnyExceptionOrErrorComesInTheMiddle()
      throws Exception {
    Topic topic = topic(Backends.kafka(), Topic.MESSAGE_BYTES_MAX);
    Transactions transactions = transactions(Backends.kafka(), Map.of());
    Throwable[] failures = {new IllegalStateException("broken"), new StackOverflowError("deep")};
    for (Throwable failure : failures) {
      assertThat(catchThrowable(() -> transactions.commit(failingAfter(topic, failure))))
          .isSameAs(failure);
      transactions.commit(List.of(text(topic, "after " + failure.getMessage())));
    }
    assertThat(visible(Backends.kafka(), topic)).containsExactly("after broken", "after deep");
  }

  @Test
  void partitions_areThoseOfTheTopic_andAFailedQuestionLeavesTheNextOneWorking() throws Exception {
    Topic topic = topic(Backends.kafka(), Topic.MESSAGE_BYTES_MAX);
    Transactions transactions = transactions(Backends.kafka(), Map.of("max.block.ms", "2000"));
    Topic missing = new Topic(Backends.uniqueName("missing"), true, false);
    assertThatThrownBy(() -> transactions.partitions(missing)).isInstanceOf(KafkaException.class);
    assertThat(transactions.partitions(topic)).isEqualTo(1);
  }

  @Test
  void theLaterHolderOfAnId_endsWhatTheEarlierOneDoes_andEachNextCallWorks() throws Exception {
    Topic topic = topic(Backends.kafka(), Topic.MESSAGE_BYTES_MAX);
    String id = Backends.uniqueName("id");
    Transactions earlier = transactions(Backends.kafka(), id, Map.of());
    Transactions later = transactions(Backends.kafka(), id, Map.of());
    earlier.commit(List.of(text(topic, "earlier")));
    later.commit(List.of(text(topic, "later")));

    Throwable fenced = catchThrowable(() -> earlier.commit(List.of(text(topic, "lost"))));
    assertThat(fenced)
        .isInstanceOf(KafkaException.class)
        .isNotInstanceOf(UndecidedException.class)
        .matches(KafkaTransactionsIT::saysFenced, "says that somebody else has the id");

    earlier.commit(List.of(text(topic, "earlier again")));
    assertThat(visible(Backends.kafka(), topic))
        .containsExactly("earlier", "later", "earlier again");
  }

  private static boolean saysFenced(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException) {
        return true;
      }
    }
    return false;
  }

  /** Takes the broker away between the last record and the commit. */
  public static final class KillOnAcknowledgement implements ProducerInterceptor<byte[], byte[]> {
    static volatile Runnable kill = () -> {};

    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> message) {
      return message;
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception failure) {
      if (failure == null) {
        kill.run();
      }
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  @Test
  void commitWithoutAnAnswer_isUndecided_andSettledWhenTheBrokerIsBack() throws Exception {
    try (EmbeddedKafka kafka = Backends.dedicatedKafka()) {
      Topic topic = topic(kafka.bootstrapServers(), Topic.MESSAGE_BYTES_MAX);
      Transactions transactions =
          transactions(
              kafka.bootstrapServers(),
              Map.of(
                  "interceptor.classes",
                  KillOnAcknowledgement.class.getName(),
                  "max.block.ms",
                  "2000"));
      transactions.commit(List.of(text(topic, "before")));

      KillOnAcknowledgement.kill = kafka::kill;
      assertThatThrownBy(() -> transactions.commit(List.of(text(topic, "undecided"))))
          .isInstanceOf(UndecidedException.class)
          .matches(Failures::environmental, "is not the record's fault");
      assertThatThrownBy(transactions::settle).isInstanceOf(KafkaException.class);

      KillOnAcknowledgement.kill = () -> {};
      kafka.restart();
      settleUntilAnswered(transactions);
      assertThat(visible(kafka.bootstrapServers(), topic)).containsExactly("before");
      transactions.commit(List.of(text(topic, "after")));
      assertThat(visible(kafka.bootstrapServers(), topic)).containsExactly("before", "after");
    }
  }

  @Test
  void commit_certainlyFails_whenTheBrokerGoesAwayBeforeTheRecordsArrive() throws Exception {
    try (EmbeddedKafka kafka = Backends.dedicatedKafka()) {
      Topic topic = topic(kafka.bootstrapServers(), Topic.MESSAGE_BYTES_MAX);
      Transactions transactions =
          transactions(
              kafka.bootstrapServers(),
              Map.of(
                  "request.timeout.ms", "1000",
                  "delivery.timeout.ms", "2000",
                  "max.block.ms", "2000"));
      transactions.commit(List.of(text(topic, "before")));
      kafka.kill();
      assertThatThrownBy(() -> transactions.commit(List.of(text(topic, "lost"))))
          .isInstanceOf(KafkaException.class)
          .isNotInstanceOf(UndecidedException.class)
          .matches(Failures::environmental, "is not the record's fault");
      kafka.restart();
      settleUntilAnswered(transactions);
      transactions.commit(List.of(text(topic, "after")));
      assertThat(visible(kafka.bootstrapServers(), topic)).containsExactly("before", "after");
    }
  }

  /** A broker that comes back needs a moment in which it does not know its transactions. */
  private static void settleUntilAnswered(Transactions transactions) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        transactions.settle();
        return;
      } catch (KafkaException notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
      }
    }
  }

  private Transactions transactions(String bootstrapServers, Map<String, ?> tuning) {
    return transactions(bootstrapServers, Backends.uniqueName("id"), tuning);
  }

  private Transactions transactions(String bootstrapServers, String id, Map<String, ?> tuning) {
    KafkaSettings settings =
        KafkaSettings.from(Settings.of(Map.of("kafka.bootstrap_servers", bootstrapServers)));
    Transactions transactions = KafkaTransactions.create(settings, id, tuning);
    opened.add(transactions);
    return transactions;
  }

  private static Topic topic(String bootstrapServers, long bytesMax) throws Exception {
    Topic topic = new Topic(Backends.uniqueName("transactions"), false, false);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      NewTopic wanted =
          new NewTopic(topic.name(), 1, (short) 1)
              .configs(Map.of("max.message.bytes", Long.toString(bytesMax)));
      admin.createTopics(List.of(wanted)).all().get();
    }
    return topic;
  }

  private static ProducerRecord<byte[], byte[]> text(Topic topic, String text) {
    return message(topic, text.getBytes(UTF_8));
  }

  private static ProducerRecord<byte[], byte[]> message(Topic topic, byte[] value) {
    return new ProducerRecord<>(topic.name(), 0, null, value);
  }

  private static List<ProducerRecord<byte[], byte[]>> failingAfter(Topic topic, Throwable failure) {
    return new AbstractList<>() {
      @Override
      public ProducerRecord<byte[], byte[]> get(int index) {
        if (index == 0) {
          return text(topic, "never seen");
        }
        if (failure instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) failure;
      }

      @Override
      public int size() {
        return 2;
      }
    };
  }

  private static Consumer<byte[], byte[]> consumer(String bootstrapServers, String group) {
    var deserializer = new ByteArrayDeserializer();
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrapServers,
            "group.id", group,
            "enable.auto.commit", "false",
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest"),
        deserializer,
        deserializer);
  }

  private static long committed(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    Map<TopicPartition, OffsetAndMetadata> offsets = consumer.committed(Set.of(partition));
    OffsetAndMetadata offset = offsets.get(partition);
    return offset == null ? -1 : offset.offset();
  }

  /** All committed records up to the end of the topic as it is now. */
  private static List<String> visible(String bootstrapServers, Topic topic) {
    List<String> texts = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topic.name(), 0);
    try (Consumer<byte[], byte[]> consumer =
        consumer(bootstrapServers, Backends.uniqueName("reader"))) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(message -> texts.add(new String(message.value(), UTF_8)));
      }
    }
    return texts;
  }
}
