package dev.tocsin.app.running;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The {@code tocsin up} that has a data directory, with its addresses: a file there, written when
 * it is ready and removed when it stops. After a {@code kill -9} the file stays; it counts only
 * while the process it names is alive and began when the file says, as ids are given out again.
 *
 * @param pid of the process
 * @param startedAtMs when that began, in milliseconds since 1970; 0 where the system does not tell
 * @param addresses by name, such as {@code kafka}
 */
public record RunningSuite(long pid, long startedAtMs, Map<String, String> addresses) {
  private static final String FILE = "tocsin.running";
  private static final String PID = "pid";
  private static final String STARTED = "started_at_ms";
  private static final String ADDRESS = "address.";

  public RunningSuite {
    addresses = Map.copyOf(addresses);
  }

  /** This process, listening there. */
  public static RunningSuite here(Map<String, String> addresses) {
    ProcessHandle self = ProcessHandle.current();
    return new RunningSuite(self.pid(), startedAtMs(self), addresses);
  }

  /** Tells others; never visible half-written. */
  public void write(Path dataDirectory) throws IOException {
    Properties properties = new Properties();
    properties.setProperty(PID, Long.toString(pid));
    properties.setProperty(STARTED, Long.toString(startedAtMs));
    addresses.forEach((name, address) -> properties.setProperty(ADDRESS + name, address));
    Path fresh = dataDirectory.resolve(FILE + ".new");
    try (Writer writer = Files.newBufferedWriter(fresh)) {
      properties.store(writer, "A running tocsin up; removed when it stops.");
    }
    Files.move(
        fresh,
        dataDirectory.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** To be called by who has the directory: when it stops, and for what a dead owner has left. */
  public static void remove(Path dataDirectory) throws IOException {
    Files.deleteIfExists(dataDirectory.resolve(FILE));
    Files.deleteIfExists(dataDirectory.resolve(FILE + ".new"));
  }

  /** The one that runs there now; empty when none does. */
  public static Optional<RunningSuite> in(Path dataDirectory) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(dataDirectory.resolve(FILE))) {
      properties.load(reader);
      Map<String, String> addresses = new TreeMap<>();
      for (String name : properties.stringPropertyNames()) {
        if (name.startsWith(ADDRESS)) {
          addresses.put(name.substring(ADDRESS.length()), properties.getProperty(name));
        }
      }
      RunningSuite found =
          new RunningSuite(
              Long.parseLong(properties.getProperty(PID, "")),
              Long.parseLong(properties.getProperty(STARTED, "")),
              addresses);
      return found.isAlive() ? Optional.of(found) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      // No file, or none of ours: nobody who could be found.
      return Optional.empty();
    }
  }

  private boolean isAlive() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process -> startedAtMs(process) == startedAtMs)
        .isPresent();
  }

  private static long startedAtMs(ProcessHandle process) {
    return process.info().startInstant().map(began -> began.toEpochMilli()).orElse(0L);
  }
}
