package dev.tocsin.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short commands to their end. */
final class Commands {
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(10);

  /** The exit code and the merged output of a finished command. */
  record Result(int exitCode, String output) {
    boolean ok() {
      return exitCode == 0;
    }
  }

  private Commands() {}

  /**
   * Runs a command with the given standard input.
   *
   * @throws EmbeddedException when it cannot be run or does not end in time (it is then killed)
   */
  static Result run(List<String> command, String input, Duration limit) {
    try {
      Path output = Files.createTempFile("tocsin-command", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (var stdin = process.getOutputStream()) {
          stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
          // The command ended without reading its input; its exit code tells why.
        }
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          throw new EmbeddedException(
              "%s: not finished after %d s (killed)".formatted(command, limit.toSeconds()));
        }
        return new Result(process.exitValue(), read(output));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new EmbeddedException("%s: cannot be run (%s)".formatted(command, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while running " + command, e);
    }
  }

  /** True when the command exists, runs and exits with 0. */
  static boolean works(String... command) {
    try {
      return run(List.of(command), "", PROBE_LIMIT).ok();
    } catch (EmbeddedException e) {
      return false;
    }
  }

  /** Sends a signal; a process that has already ended is no error. */
  static void signal(long pid, String signal) {
    // The shell's own kill: slim images have no kill program. The result is known by the exit.
    run(List.of("sh", "-c", "kill -" + signal + " " + pid + " || true"), "", PROBE_LIMIT);
  }

  /** True also for a process that has ended but was not reaped by its parent yet. */
  static boolean hasEnded(ProcessHandle process) {
    if (!process.isAlive()) {
      return true;
    }
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      // pid (name) state ...: the name may hold anything, parentheses too.
      return stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (IOException e) {
      return !process.isAlive();
    }
  }

  /**
   * True when a process that need not be our child has ended within the limit. Polls: the JDK's
   * {@code onExit} does so as well for such processes, but up to a second late.
   */
  static boolean awaitEnd(ProcessHandle process, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (!hasEnded(process)) {
        if (System.nanoTime() - end > 0) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while waiting for process " + process.pid(), e);
    }
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(64 * 1024), StandardCharsets.UTF_8).strip();
    }
  }
}
