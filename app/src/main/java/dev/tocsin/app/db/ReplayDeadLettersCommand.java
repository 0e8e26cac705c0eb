package dev.tocsin.app.db;

import dev.tocsin.app.receiver.ReceiverAddress;
import dev.tocsin.app.running.RunningSuite;
import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.runtime.FailureText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tocsin db replay-dead-letters}. Exit code 0, 1 when it failed, 2 for configuration. */
@Command(
    name = "replay-dead-letters",
    description = "Put records that could not be stored back to their topics, each once.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ReplayDeadLettersCommand implements Callable<Integer> {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_CONFIG = 2;
  private static final int KAFKA_PORT = 9092;
  private static final int CONNECT_TIMEOUT_MS = 3_000;

  @Option(names = "--topic", description = "Only letters from this topic.", defaultValue = "")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String topic;

  @Option(
      names = "--reason",
      description = "Only letters with this reason, such as malformed or time_outside.",
      defaultValue = "")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String reason;

  @Option(names = "--dry-run", description = "Only count.")
  private boolean dryRun;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description =
          "Instead of kafka.bootstrap_servers, or else of the Kafka of the 'tocsin up' that runs.",
      defaultValue = "")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String bootstrap;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Of the 'tocsin up' whose Kafka is meant (default: ${DEFAULT-VALUE}).",
      defaultValue = "${sys:tocsin.data.dir:-${sys:user.home}/.local/share/tocsin}")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private Path dataDir;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration as in tocsin.toml; TOCSIN_* environment variables override it.")
  private @Nullable Path configFile;

  @Override
  public Integer call() {
    try {
      KafkaSettings kafka = kafka();
      requireReachable(kafka.bootstrapServers());
      LetterFilter filter = new LetterFilter(topic, reason);
      print(new Replay(kafka, Topic.DEAD_LETTER.name(), filter, dryRun).run());
      return 0;
    } catch (ConfigException e) {
      e.problems().forEach(problem -> System.err.println("tocsin: " + problem));
      return EXIT_CONFIG;
    } catch (Exception e) {
      System.err.println("tocsin: " + FailureText.of(e));
      return EXIT_FAILED;
    }
  }

  /** As the command line says; else as the configuration says; else that of a running suite. */
  private KafkaSettings kafka() {
    Settings settings = Settings.load(configFile, System.getenv(), overrides(bootstrap));
    boolean named = settings.section("kafka").string("bootstrap_servers").isPresent();
    Optional<String> running =
        RunningSuite.in(dataDir).map(suite -> suite.addresses().getOrDefault("kafka", ""));
    if (!named && running.isPresent()) {
      settings = Settings.load(configFile, System.getenv(), overrides(running.get()));
    }
    KafkaSettings kafka = KafkaSettings.from(settings);
    settings.verify();
    return kafka;
  }

  private static Map<String, String> overrides(String servers) {
    return servers.isEmpty() ? Map.of() : Map.of("kafka.bootstrap_servers", servers);
  }

  /** Kafka's clients would try for minutes, and tell a log rather than the person. */
  private void requireReachable(String servers) {
    for (String server : servers.split(",")) {
      ReceiverAddress address = address(server.strip());
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(address.host(), address.port(KAFKA_PORT)), CONNECT_TIMEOUT_MS);
        return;
      } catch (IOException e) {
        // The next one may be there.
      }
    }
    throw new Replay.ReplayException(
        "kafka: nothing answers at %s, and no 'tocsin up' runs in %s (expected: one that runs there, or --kafka HOST:PORT, or --config FILE)"
            .formatted(servers, dataDir.toAbsolutePath().normalize()));
  }

  /** Kafka takes a security protocol before the host, too. */
  private static ReceiverAddress address(String server) {
    try {
      return ReceiverAddress.parse("--kafka", server.replaceFirst("^[A-Za-z_]+://", ""));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of("--kafka: " + server + " (expected: HOST:PORT)"));
    }
  }

  private void print(Replay.Outcome outcome) {
    String verb = dryRun ? "would replay" : "replayed";
    int sum = outcome.replayed.values().stream().mapToInt(Integer::intValue).sum();
    outcome.replayed.forEach((what, count) -> System.out.printf("%8d %s %s%n", count, what, verb));
    System.out.printf(
        "%d letters %s, %d left (%d without a known origin, %d whose partition is gone, %d cut,"
            + " %d of which the rest is stored)%n",
        sum,
        verb,
        outcome.left,
        outcome.unreadable,
        outcome.homeless,
        outcome.cut,
        outcome.partlyStored);
  }
}
