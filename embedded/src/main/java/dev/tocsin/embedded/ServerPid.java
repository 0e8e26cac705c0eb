package dev.tocsin.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which process was last started in a data directory. Whoever holds the directory's lock may end
 * that process: its parent is dead, or it would hold the lock. Ids are given out again, so the file
 * has the moment when the process began, too, and a process that began at another is not ours.
 */
final class ServerPid {
  private final Path file;

  ServerPid(Path dataDirectory) {
    this.file = dataDirectory.resolve("server.pid");
  }

  /** Notes a process that was just started; a start goes on without. */
  void note(long pid) {
    String began = ProcessHandle.of(pid).map(ServerPid::began).orElse("");
    try {
      DataDirectory.writePrivately(file, pid + " " + began + "\n");
    } catch (IOException e) {
      // It only helps the start after a crash.
    }
  }

  /** The noted process, if it is still alive. */
  Optional<ProcessHandle> alive() {
    try {
      String[] noted = Files.readString(file).strip().split(" ", 2);
      return noted.length < 2
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(noted[0]))
              .filter(ProcessHandle::isAlive)
              .filter(process -> began(process).equals(noted[1]));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String began(ProcessHandle process) {
    return process.info().startInstant().map(instant -> instant.toString()).orElse("");
  }
}
