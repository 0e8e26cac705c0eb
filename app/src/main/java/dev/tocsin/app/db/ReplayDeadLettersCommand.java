package dev.tocsin.app.db;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.nio.file.Path;
import java.util.Map;
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
          "Instead of kafka.bootstrap_servers; 127.0.0.1:19092 for the Kafka of 'tocsin up'.",
      defaultValue = "")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private String bootstrap;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration as in tocsin.toml; TOCSIN_* environment variables override it.")
  private @Nullable Path configFile;

  @Override
  public Integer call() {
    try {
      Map<String, String> overrides =
          bootstrap.isEmpty() ? Map.of() : Map.of("kafka.bootstrap_servers", bootstrap);
      Settings settings = Settings.load(configFile, System.getenv(), overrides);
      KafkaSettings kafka = KafkaSettings.from(settings);
      settings.verify();
      LetterFilter filter = new LetterFilter(topic, reason);
      print(new Replay(kafka, Topic.DEAD_LETTER.name(), filter, dryRun).run());
      return 0;
    } catch (ConfigException e) {
      e.problems().forEach(problem -> System.err.println("tocsin: " + problem));
      return EXIT_CONFIG;
    } catch (Exception e) {
      System.err.println("tocsin: " + (e.getMessage() == null ? e : e.getMessage()));
      return EXIT_FAILED;
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
