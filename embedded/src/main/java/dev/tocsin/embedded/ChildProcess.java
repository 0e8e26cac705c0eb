package dev.tocsin.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A running child. One daemon thread of its own starts it, reads its output and outlives it: the
 * kernel's parent-death signal fires when the <em>thread</em> that started a child ends, so that
 * thread must not belong to a pool or to a caller.
 */
final class ChildProcess {
  private final String name;
  private final ProcessBuilder builder;
  private final ChildLog log;
  private final Consumer<String> lineListener;
  private final CompletableFuture<Process> started = new CompletableFuture<>();
  private final CompletableFuture<Void> outputRead = new CompletableFuture<>();
  private final CompletableFuture<ServerExit> exit = new CompletableFuture<>();
  private volatile boolean stopRequested;

  private ChildProcess(
      String name, ProcessBuilder builder, ChildLog log, Consumer<String> lineListener) {
    this.name = name;
    this.builder = builder;
    this.log = log;
    this.lineListener = lineListener;
  }

  /**
   * Starts the child; its standard error is merged into its output. The log is closed when it ends.
   *
   * @param lineListener called with each line of output, on the child's thread
   */
  static ChildProcess start(
      String name, ProcessBuilder builder, ChildLog log, Consumer<String> lineListener) {
    ChildProcess child =
        new ChildProcess(name, builder.redirectErrorStream(true), log, lineListener);
    Thread guardian = new Thread(child::guard, "tocsin-child-" + name);
    guardian.setDaemon(true);
    guardian.start();
    try {
      child.started.join();
    } catch (CompletionException e) {
      log.close();
      throw new EmbeddedException(
          "%s: cannot run %s (%s)".formatted(name, builder.command().get(0), e.getCause()), e);
    }
    return child;
  }

  long pid() {
    return process().pid();
  }

  boolean isAlive() {
    return process().isAlive();
  }

  /** Completes when the child has ended and its output has been read. */
  CompletableFuture<ServerExit> exit() {
    return exit.copy();
  }

  List<String> lastLines() {
    return log.tail();
  }

  /** Marks the coming end as wanted, so that {@link ServerExit#requested()} says so. */
  void expectExit() {
    stopRequested = true;
  }

  void terminate() {
    expectExit();
    // Not Process.destroy: that closes our ends of the pipes and loses the last lines.
    process().toHandle().destroy();
  }

  void signal(String signal) {
    expectExit();
    Commands.signal(pid(), signal);
  }

  void kill() {
    expectExit();
    process().toHandle().destroyForcibly();
  }

  /** True when the child has ended within the given time. */
  boolean awaitExit(Duration limit) {
    try {
      return exit.get(limit.toMillis(), TimeUnit.MILLISECONDS) != null;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new EmbeddedException("waiting for " + name + " to end failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while waiting for " + name + " to end", e);
    }
  }

  private Process process() {
    return started.join();
  }

  private void guard() {
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      started.completeExceptionally(e);
      return;
    }
    // The exit is reported even if some grandchild keeps the output open.
    var unused =
        process
            .onExit()
            .thenCompose(
                ended ->
                    outputRead
                        .copy()
                        .completeOnTimeout(null, 2, TimeUnit.SECONDS)
                        .thenApply(ignored -> ended))
            .thenAccept(this::report);
    started.complete(process);
    try {
      readOutput(process);
      outputRead.complete(null);
      awaitEnd(process);
      log.close();
    } finally {
      // Until here the process object, which owns the pipe that keeps the child alive, is
      // reachable.
      Reference.reachabilityFence(process);
    }
  }

  private void report(Process process) {
    exit.complete(new ServerExit(name, process.exitValue(), stopRequested, log.tail()));
  }

  private void readOutput(Process process) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        log.line(line);
        lineListener.accept(line);
      }
    } catch (IOException e) {
      log.line("(the output of " + name + " could not be read further: " + e + ")");
    }
  }

  private static void awaitEnd(Process process) {
    boolean ended = false;
    while (!ended) {
      try {
        ended = process.waitFor() >= 0;
      } catch (InterruptedException e) {
        // Nobody interrupts this thread on purpose; leaving would trip the parent-death signal.
        ended = false;
      }
    }
  }
}
