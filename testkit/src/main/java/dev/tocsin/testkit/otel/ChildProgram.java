package dev.tocsin.testkit.otel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
final class ChildProgram {
  private static final Duration SHORT = Duration.ofSeconds(30);

  private ChildProgram() {}

  /** Whether the program is there and ends well. */
  static boolean canRun(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A short program, in our own environment. */
  static List<String> run(List<String> command, Path directory) {
    return run(command, directory, Map.of(), SHORT);
  }

  /**
   * Blocks until the program has ended; kills it after the timeout.
   *
   * @param environment on top of our own
   * @throws AssertionError when it did not end in time or its exit code is not 0, with its output
   */
  static List<String> run(
      List<String> command, Path directory, Map<String, String> environment, Duration timeout) {
    try {
      Path output = Files.createTempFile(directory, "program", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      List<String> lines = Files.readAllLines(output);
      Files.delete(output);
      if (!ended || process.exitValue() != 0) {
        String how = ended ? "exit code " + process.exitValue() : "no end after " + timeout;
        throw new AssertionError(command + ": " + how + "\n" + String.join("\n", lines));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(command.get(0) + " cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + command.get(0) + " ran", e);
    }
  }
}
