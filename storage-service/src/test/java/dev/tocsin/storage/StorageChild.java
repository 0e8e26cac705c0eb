package dev.tocsin.storage;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.runtime.ServiceMain;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A storage-service in a process of its own, which can be killed like one; topics are the test's.
 */
final class StorageChild {
  private static final String TOPICS = "TEST_TOPICS";
  private static final long DEATH_SECONDS = 20;

  private final Path log;
  private final String heap;
  private final Map<String, String> environment = new HashMap<>();
  private Process process;

  private StorageChild(
      Map<String, String> settings, StorageService.Topics topics, Path log, String heap) {
    this.log = log;
    this.heap = heap;
    settings.forEach(
        (key, value) ->
            environment.put("TOCSIN_" + key.replace('.', '_').toUpperCase(Locale.ROOT), value));
    environment.put(
        TOPICS,
        String.join(
            " ",
            topics.spans().name(),
            topics.logs().name(),
            topics.metrics().name(),
            topics.derived().name()));
  }

  /**
   * Starts the process; the service comes up in its own time.
   *
   * @param heap at most, such as {@code 256m}
   */
  static StorageChild start(
      Map<String, String> settings, StorageService.Topics topics, Path log, String heap)
      throws IOException {
    StorageChild child = new StorageChild(settings, topics, log, heap);
    child.restart();
    return child;
  }

  void restart() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(StorageChild.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    process = builder.start();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it in the middle of whatever it does: SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(DEATH_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("process " + process.pid() + " does not die");
    }
  }

  /** The child's side. */
  public static void main(String[] args) {
    String[] names = System.getenv(TOPICS).split(" ");
    StorageService.Topics topics =
        new StorageService.Topics(
            new Topic(names[0], true, false),
            new Topic(names[1], true, false),
            new Topic(names[2], true, false),
            new Topic(names[3], true, false));
    new ServiceMain<StorageConfig>(
            "storage-service",
            (Settings settings) -> StorageConfig.from(settings),
            (StorageConfig config, ServiceContext context) ->
                StorageService.create(config, context, topics))
        .run(args);
  }
}
