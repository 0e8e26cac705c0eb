package dev.tocsin.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** Where this JVM's backends keep their data: deleted when the JVM ends, except the logs. */
final class TestDirectory {
  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "."), "target", "backends")
          .toAbsolutePath()
          .normalize();
  static final Path PATH = ROOT.resolve(Long.toString(ProcessHandle.current().pid()));
  static final Path LOGS = ROOT.resolve("logs");
  private static final Deque<AutoCloseable> TO_STOP = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(TestDirectory::cleanUp, "backends-stop"));
  }

  private TestDirectory() {}

  static void stopAtExit(AutoCloseable server) {
    synchronized (TO_STOP) {
      TO_STOP.push(server);
    }
  }

  private static void cleanUp() {
    List<AutoCloseable> servers;
    synchronized (TO_STOP) {
      servers = List.copyOf(TO_STOP);
    }
    for (AutoCloseable server : servers) {
      try {
        server.close();
      } catch (Exception e) {
        System.err.println("a test backend did not stop: " + e);
      }
    }
    try {
      delete(PATH);
    } catch (IOException e) {
      // A dedicated server that its test did not close may still write; mvn clean gets the rest.
    }
  }

  private static void delete(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
