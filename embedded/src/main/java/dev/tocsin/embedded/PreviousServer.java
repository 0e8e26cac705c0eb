package dev.tocsin.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A server whose parent was killed, and that may not have noticed or not be done yet. */
public final class PreviousServer {
  private static final Duration ORDERLY_LIMIT = Duration.ofSeconds(30);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private PreviousServer() {}

  /**
   * Ends the server that was last started in the data directory, in order if it can be had. Nothing
   * happens when it has ended. Only for the owner of all that is above the directory: nobody else
   * may be using the server.
   *
   * @param signal that asks for an orderly end: TERM for Kafka, INT for PostgreSQL
   */
  public static void end(Path dataDirectory, String signal, StartProgress progress) {
    Optional<ProcessHandle> previous =
        new ServerPid(dataDirectory).alive().filter(process -> !Commands.hasEnded(process));
    if (previous.isEmpty()) {
      return;
    }
    progress.stage("ending what a killed tocsin has left running in " + dataDirectory);
    Commands.signal(previous.get().pid(), signal);
    if (!Commands.awaitEnd(previous.get(), ORDERLY_LIMIT)) {
      var unused = previous.get().destroyForcibly();
      if (!Commands.awaitEnd(previous.get(), KILL_LIMIT)) {
        throw new EmbeddedException(
            "%s: process %d still uses it (expected: it ends when it is killed)"
                .formatted(dataDirectory, previous.get().pid()));
      }
    }
  }
}
