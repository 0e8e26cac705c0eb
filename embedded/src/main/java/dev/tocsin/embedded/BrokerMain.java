package dev.tocsin.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The broker's own JVM, started by {@link EmbeddedKafka} and by nobody else. It is the only class
 * that touches Kafka's internals (Formatter, KafkaRaftServer), which are no public API.
 *
 * <p>Argument: the properties file. It prints {@link #READY} when it serves, and ends in order when
 * it is terminated or when its standard input ends, which happens when the parent is gone, however
 * it went.
 */
final class BrokerMain {
  static final String READY = "tocsin-broker: ready";
  private static final long SHUTDOWN_LIMIT_MS = 25_000;

  private BrokerMain() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 1) {
      System.err.println("arguments: " + args.length + " (expected: 1, the properties file)");
      System.exit(2);
    }
    CountDownLatch parentGone = watchParent(System.in);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(args[0]))) {
      properties.load(reader);
    }
    KafkaConfig config = new KafkaConfig(properties, false);
    formatIfNew(Path.of(properties.getProperty("log.dirs")));
    KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(server), "broker-shutdown"));
    server.startup();
    System.out.println(READY);
    parentGone.await();
    System.exit(0);
  }

  private static void formatIfNew(Path logDirectory) throws Exception {
    if (Files.exists(logDirectory.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(logDirectory);
    new Formatter()
        .setPrintStream(
            new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setDirectories(List.of(logDirectory.toString()))
        .setMetadataLogDirectory(logDirectory.toString())
        .setControllerListenerName("CONTROLLER")
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
        .setIgnoreFormatted(true)
        .run();
  }

  private static CountDownLatch watchParent(InputStream pipeFromParent) {
    CountDownLatch gone = new CountDownLatch(1);
    Thread watch =
        new Thread(
            () -> {
              try {
                while (pipeFromParent.read() >= 0) {
                  // The parent never writes; only the end of the stream means something.
                }
              } catch (IOException e) {
                // A broken pipe is an end as well.
              }
              gone.countDown();
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
    return gone;
  }

  // In a shutdown hook: by Ctrl-C, terminate, or the parent's end. Never hangs.
  private static void shutDown(KafkaRaftServer server) {
    Thread limit =
        new Thread(
            () -> {
              try {
                Thread.sleep(SHUTDOWN_LIMIT_MS);
              } catch (InterruptedException e) {
                return;
              }
              Runtime.getRuntime().halt(70);
            },
            "shutdown-limit");
    limit.setDaemon(true);
    limit.start();
    server.shutdown();
    server.awaitShutdown();
  }
}
