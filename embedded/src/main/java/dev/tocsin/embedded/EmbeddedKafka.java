package dev.tocsin.embedded;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/**
 * A Kafka broker (KRaft, broker and controller in one) in a JVM of its own, reachable on 127.0.0.1
 * only. What it has acknowledged survives its own death; a power cut can take the last seconds, as
 * Kafka does not flush every write.
 *
 * <p>It dies with this JVM, however that ends; its data stay. All methods block and may be called
 * from any thread; they exclude each other. Closing is stopping. There is no shutdown hook: whoever
 * starts it stops it in the order that suits, and a JVM that ends without doing so makes the broker
 * shut down in order.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final String NAME = "Kafka";
  private static final long FREE_BYTES_MIN = 512L * 1024 * 1024;
  private static final long LOG_BYTES_MAX = 8L * 1024 * 1024;
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final KafkaOptions options;
  private final DataDirectory dataDirectory;
  private final int port;
  private final int controllerPort;
  private volatile ChildProcess child;

  private EmbeddedKafka(KafkaOptions options, DataDirectory dataDirectory) {
    this.options = options;
    this.dataDirectory = dataDirectory;
    this.port = options.port() == 0 ? Ports.freeExcept(options.controllerPort()) : options.port();
    this.controllerPort =
        options.controllerPort() == 0 ? Ports.freeExcept(port) : options.controllerPort();
    this.child = launch();
  }

  /**
   * Formats the data directory when it is new, starts the broker and returns when it answers.
   *
   * @throws EmbeddedException when it cannot be started; nothing is left running then
   */
  public static EmbeddedKafka start(KafkaOptions options) {
    return start(options, acquire(options));
  }

  /** Takes the directory over: closes it at {@link #stop} and when the start fails. */
  static EmbeddedKafka start(KafkaOptions options, DataDirectory directory) {
    try {
      return new EmbeddedKafka(options, directory);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  static DataDirectory acquire(KafkaOptions options) {
    return DataDirectory.acquire(NAME, options.dataDirectory(), FREE_BYTES_MIN);
  }

  /** {@code 127.0.0.1:port}; the same over restarts of this instance. */
  public String bootstrapServers() {
    return Ports.HOST + ":" + port;
  }

  public int port() {
    return port;
  }

  /** The pid of the current or last run. */
  public long pid() {
    return child.pid();
  }

  public boolean isRunning() {
    return child.isAlive();
  }

  /** Completes when the current run ends, on a thread that must not be blocked. */
  public CompletableFuture<ServerExit> onExit() {
    return child.exit();
  }

  /** Orderly shutdown; forced when it takes too long. */
  public synchronized void stop() {
    if (child.isAlive()) {
      child.terminate();
      if (!child.awaitExit(options.stopLimit())) {
        kill();
      }
    }
    dataDirectory.close();
  }

  /** SIGKILL, as a crash would: the next start recovers. Returns when the process is gone. */
  public synchronized void kill() {
    child.kill();
    if (!child.awaitExit(KILL_LIMIT)) {
      throw new EmbeddedException("Kafka: process " + child.pid() + " cannot be killed");
    }
  }

  /** Stops if needed and starts again on the same ports and data. */
  public synchronized void restart() {
    stop();
    dataDirectory.reacquire();
    child = launch();
  }

  @Override
  public void close() {
    stop();
  }

  private ChildProcess launch() {
    awaitPreviousOwner();
    Ports.requireFree("Kafka port", port);
    Ports.requireFree("Kafka controller port", controllerPort);
    options.progress().stage("starting Kafka");
    Path properties = writeProperties();
    BrokerArchive archive = BrokerArchive.in(options.cacheDirectory(), BrokerClassPath.find());
    Confinement confinement = Confinement.sameUser("TERM");
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    ProcessBuilder builder = new ProcessBuilder(confinement.wrap(command(properties, archive)));
    // glibc keeps an arena per thread otherwise: tens of megabytes for nothing.
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    ChildProcess started =
        ChildProcess.start(
            NAME,
            builder,
            ChildLog.open(options.logFile(), LOG_BYTES_MAX),
            line -> {
              if (line.equals(BrokerMain.READY)) {
                ready.complete(true);
              }
            });
    new ServerPid(dataDirectory.path()).note(started.pid());
    var unused = started.exit().thenAccept(archive::keepIfMade);
    awaitReady(started, ready);
    return started;
  }

  // When our own parent was killed, the previous broker may still be shutting down.
  private void awaitPreviousOwner() {
    Path lockFile = logDirectory().resolve(".lock");
    if (!DataDirectory.awaitUnlocked(lockFile, Duration.ZERO)) {
      options.progress().stage("waiting for the previous Kafka to end");
      if (!DataDirectory.awaitUnlocked(lockFile, options.stopLimit())) {
        throw inUse();
      }
    }
  }

  private Path logDirectory() {
    return dataDirectory.path().resolve("log");
  }

  private EmbeddedException inUse() {
    return new EmbeddedException(
        "Kafka data directory: %s (in use by another running broker; expected: one owner; stop that broker or choose another directory)"
            .formatted(options.dataDirectory()));
  }

  private void awaitReady(ChildProcess started, CompletableFuture<Boolean> ready) {
    long limitMs = options.startLimit().toMillis();
    try {
      Object first =
          CompletableFuture.anyOf(ready, started.exit()).get(limitMs, TimeUnit.MILLISECONDS);
      if (first instanceof ServerExit ended) {
        throw failure(ended);
      }
      awaitAnswer(limitMs);
    } catch (TimeoutException | ExecutionException e) {
      started.kill();
      throw new EmbeddedException(
          "Kafka: not ready after %d s; log: %s; last lines:%n%s"
              .formatted(
                  limitMs / 1000,
                  options.logFile(),
                  String.join(System.lineSeparator(), started.lastLines())),
          e);
    } catch (InterruptedException e) {
      started.kill();
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while Kafka was starting", e);
    }
  }

  private void awaitAnswer(long limitMs)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers());
    try (Admin admin = Admin.create(config)) {
      var unused = admin.describeCluster().clusterId().get(limitMs, TimeUnit.MILLISECONDS);
    }
  }

  private EmbeddedException failure(ServerExit exit) {
    String output = String.join("\n", exit.lastLines());
    String reason;
    if (output.contains("Address already in use")) {
      return Ports.taken("Kafka port or controller port", port);
    } else if (output.contains("No space left on device")) {
      reason =
          "Kafka data directory: %s (no space left on its file system; make room or choose another directory)"
              .formatted(options.dataDirectory());
    } else if (output.contains("Failed to acquire lock")) {
      return inUse();
    } else if (output.contains("OutOfMemoryError")) {
      reason = "Kafka heap: %d MB (not enough to start)".formatted(options.heapMegabytesMax());
    } else {
      reason = "Kafka did not start";
    }
    return new EmbeddedException(
        reason + "; log: " + options.logFile() + System.lineSeparator() + exit.describe());
  }

  private Path writeProperties() {
    Path file = dataDirectory.path().resolve("broker.properties");
    Properties properties = new Properties();
    properties.putAll(
        BrokerProperties.of(logDirectory(), port, controllerPort, options.properties()));
    try (Writer writer = Files.newBufferedWriter(file)) {
      properties.store(writer, "Written by Tocsin at each start");
      return file;
    } catch (IOException e) {
      throw new EmbeddedException(
          "Kafka data directory: %s (%s; expected: writable)".formatted(dataDirectory.path(), e),
          e);
    }
  }

  private List<String> command(Path properties, BrokerArchive archive) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(archive.options());
    command.addAll(
        List.of(
            "-Xmx" + options.heapMegabytesMax() + "m",
            "-Xms32m",
            "-XX:+UseSerialGC",
            "-XX:MinHeapFreeRatio=20",
            "-XX:MaxHeapFreeRatio=40",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "-Xss512k",
            "-Djava.awt.headless=true",
            "-Djava.net.preferIPv4Stack=true",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-Dlogback.configurationFile=dev/tocsin/embedded/broker-logback.xml",
            // Kafka asks log4j-api whether log4j is there; that is no error worth a line.
            "-Dorg.apache.logging.log4j.simplelog.StatusLogger.level=OFF",
            "-cp",
            archive.classPath(),
            BrokerMain.class.getName(),
            properties.toString()));
    return command;
  }
}
