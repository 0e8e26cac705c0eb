package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
  private static final TopicPartition PARTITION = new TopicPartition("numbers", 0);

  @TempDir Path directory;

  @Test
  void start_keepsRecords_overRestartKillAndANewInstance() throws Exception {
    try (var kafka = EmbeddedKafka.start(options())) {
      createTopic(kafka);
      produce(kafka, 100);
      kafka.restart();
      produce(kafka, 100);
      long killed = kafka.pid();
      kafka.kill();
      assertThat(kafka.isRunning()).isFalse();
      kafka.restart();
      assertThat(kafka.pid()).isNotEqualTo(killed);
      assertThat(records(kafka)).isEqualTo(200);
    }
    try (var again = EmbeddedKafka.start(options())) {
      assertThat(records(again)).isEqualTo(200);
      assertThat(brokerProperty(again, "log.segment.bytes")).isEqualTo("67108864");
      assertThat(brokerProperty(again, "auto.create.topics.enable")).isEqualTo("false");
      assertThat(brokerProperty(again, "message.max.bytes")).isEqualTo("16777216");
      assertThat(brokerProperty(again, "listeners"))
          .isEqualTo(
              "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%s"
                  .formatted(again.port(), controllerPort()));
    }
  }

  @Test
  void onExit_tellsWhoEndedTheBroker() throws Exception {
    try (var kafka = EmbeddedKafka.start(options())) {
      var first = kafka.onExit();
      assertThat(ProcessHandle.of(kafka.pid()).orElseThrow().destroyForcibly()).isTrue();
      ServerExit exit = first.get(10, TimeUnit.SECONDS);
      assertThat(exit.requested()).isFalse();
      assertThat(exit.describe()).contains("Kafka was ended by signal 9", BrokerMain.READY);

      kafka.restart();
      var second = kafka.onExit();
      kafka.stop();
      kafka.stop();
      assertThat(second.get(5, TimeUnit.SECONDS).requested()).isTrue();
    }
  }

  @Test
  void start_refusesADirectory_thatALiveBrokerOwns() throws Exception {
    try (var owner = EmbeddedKafka.start(options())) {
      assertThatThrownBy(() -> EmbeddedKafka.start(options()))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("in use by another running process");

      // As if the owner's parent were gone but the broker were not: only Kafka's own lock tells.
      Files.delete(directory.resolve("data/owner.lock"));
      KafkaOptions impatient = options().withStopLimit(Duration.ofMillis(200));
      assertThatThrownBy(() -> EmbeddedKafka.start(impatient))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("in use by another running broker");
      assertThat(owner.isRunning()).isTrue();
    }
  }

  @Test
  void start_namesThePort_whenItIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> EmbeddedKafka.start(options().withPort(port)))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("Kafka port: " + port + " (already in use");
      assertThatThrownBy(() -> EmbeddedKafka.start(options().withControllerPort(port)))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining("Kafka controller port: " + port + " (already in use");
    }
  }

  @Test
  void start_namesTheDirectory_whenItCannotBeMade() throws Exception {
    Path file = Files.writeString(directory.resolve("data"), "a file");
    assertThatThrownBy(() -> EmbeddedKafka.start(options()))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("expected: a directory");
  }

  @Test
  void start_showsTheBrokersWords_whenAPropertyIsWrong() {
    assertThatThrownBy(() -> EmbeddedKafka.start(options().withProperty("num.io.threads", "none")))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining("num.io.threads")
        .hasMessageContaining("kafka.log");
  }

  @Test
  void start_worksWithoutAndWithTheClassArchive() throws Exception {
    KafkaOptions ownCache = options().withCacheDirectory(directory.resolve("cache"));
    EmbeddedKafka.start(ownCache).stop();
    try (var files = Files.list(directory.resolve("cache"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(2)
          .anyMatch(name -> name.matches("kafka-classes-[0-9a-f]+\\.jsa"))
          .anyMatch(name -> name.matches("kafka-main-[0-9a-f]+\\.jar"));
    }
    try (var mapped = EmbeddedKafka.start(ownCache)) {
      Path maps = Path.of("/proc", Long.toString(mapped.pid()), "maps");
      assumeTrue(Files.exists(maps), "needs /proc to see what the broker has mapped");
      assertThat(Files.readString(maps)).contains("kafka-classes-");
    }
  }

  private KafkaOptions options() {
    return KafkaOptions.in(directory.resolve("data"));
  }

  private String controllerPort() throws Exception {
    String properties = Files.readString(directory.resolve("data/broker.properties"));
    return properties.replaceAll("(?s).*controller.quorum.voters=1@127.0.0.1\\\\:(\\d+).*", "$1");
  }

  private static Map<String, Object> clientConfig(EmbeddedKafka kafka) {
    return Map.of(
        "bootstrap.servers", kafka.bootstrapServers(),
        "key.serializer", ByteArraySerializer.class,
        "value.serializer", ByteArraySerializer.class,
        "key.deserializer", ByteArrayDeserializer.class,
        "value.deserializer", ByteArrayDeserializer.class);
  }

  private static void createTopic(EmbeddedKafka kafka) throws Exception {
    try (Admin admin = Admin.create(clientConfig(kafka))) {
      admin
          .createTopics(List.of(new NewTopic("numbers", 1, (short) 1)))
          .all()
          .get(10, TimeUnit.SECONDS);
    }
  }

  private static void produce(EmbeddedKafka kafka, int count) throws Exception {
    try (var producer = new KafkaProducer<byte[], byte[]>(clientConfig(kafka))) {
      for (int i = 0; i < count; i++) {
        byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
        var unused =
            producer.send(new ProducerRecord<>("numbers", value)).get(20, TimeUnit.SECONDS);
      }
    }
  }

  private static long records(EmbeddedKafka kafka) {
    try (var consumer = new KafkaConsumer<byte[], byte[]>(clientConfig(kafka))) {
      return consumer
          .endOffsets(Set.of(PARTITION), Duration.ofSeconds(20))
          .values()
          .iterator()
          .next();
    }
  }

  private static String brokerProperty(EmbeddedKafka kafka, String name) throws Exception {
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
    try (Admin admin = Admin.create(clientConfig(kafka))) {
      var config = admin.describeConfigs(List.of(broker)).values().values().iterator().next();
      return config.get(10, TimeUnit.SECONDS).get(name).value();
    }
  }
}
