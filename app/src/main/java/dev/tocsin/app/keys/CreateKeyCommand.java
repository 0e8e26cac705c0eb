package dev.tocsin.app.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.AccessKeyRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Makes a key: the secret goes to its holder and nowhere else, the line with its hash to ingest.
 */
@Command(
    name = "create",
    description = "Make an API key: prints its secret, once, and the line for ingest.keys_file.",
    mixinStandardHelpOptions = true)
final class CreateKeyCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // set by picocli
  @Spec
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // set by picocli
  @Option(names = "--name", required = true, description = "Who or what sends with it.")
  private String name;

  @Option(
      names = "--scope",
      split = ",",
      description = "Signals it may send: ${DEFAULT-VALUE} unless given.")
  private List<String> scopes = AccessKeyRecord.ALL_SCOPES;

  @Option(names = "--requests-per-minute", description = "0, the default, for no limit.")
  private long requestsPerMinute;

  @Option(
      names = "--request-burst",
      description = "Requests at once; ${DEFAULT-VALUE} unless given.")
  private long requestBurst = 100;

  @Option(
      names = "--bytes-per-second",
      description = "Of bodies as they are sent; 0, the default, for no limit.")
  private long bytesPerSecond;

  @Option(names = "--byte-burst", description = "Bytes at once; those of one second unless given.")
  private long byteBurst;

  @Option(
      names = "--origin",
      split = ",",
      description = "Web pages that may use it, such as https://*.shop.example.")
  private List<String> origins = List.of();

  @Option(names = "--days", description = "How many days it is valid; for ever unless given.")
  private @Nullable Integer days;

  @Option(
      names = "--append-to",
      description = "The file that gets the line; it is printed if none.")
  private @Nullable Path file;

  @Override
  public Integer call() throws Exception {
    List<String> unknown =
        scopes.stream().filter(scope -> !AccessKeyRecord.ALL_SCOPES.contains(scope)).toList();
    if (!unknown.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--scope: " + unknown + " (expected: some of " + AccessKeyRecord.ALL_SCOPES + ")");
    }
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    NewKey key =
        NewKey.create(
            new SecureRandom(),
            name,
            scopes,
            new AccessKeyRecord.Limits(requestsPerMinute, requestBurst, bytesPerSecond, byteBurst),
            origins,
            now,
            days == null ? null : now.plus(Duration.ofDays(days)));
    String line = new String(key.stored().encode(), UTF_8) + "\n";
    // First: a key that ingest does not know must not be handed out.
    if (file != null) {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    spec.commandLine().getErr().println("The key, shown this once; send it as 'x-api-key: <key>':");
    spec.commandLine().getOut().println(key.secret());
    if (file == null) {
      spec.commandLine().getErr().println("The line for the file that ingest.keys_file names:");
      spec.commandLine().getOut().print(line);
      spec.commandLine().getOut().flush();
    }
    spec.commandLine().getErr().flush();
    return 0;
  }
}
