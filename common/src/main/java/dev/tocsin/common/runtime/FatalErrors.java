package dev.tocsin.common.runtime;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when an {@link Error} has ended one of its threads: whoever supervises it starts
 * it anew, while a process with a dead thread in it would look healthy and do nothing. An exception
 * that nobody caught is logged; threads that must not end by one guard themselves and tell it in
 * their health.
 */
public final class FatalErrors implements Thread.UncaughtExceptionHandler {
  /** As the JVM itself ends with {@code -XX:+ExitOnOutOfMemoryError}. */
  public static final int EXIT_CODE = 3;

  private static final Logger log = LoggerFactory.getLogger(FatalErrors.class);
  private static final String EXIT_OPTION = "-XX:+ExitOnOutOfMemoryError";
  private static final String CRASH_OPTION = "-XX:+CrashOnOutOfMemoryError";

  private final Consumer<String> terminal;
  private final IntConsumer end;

  /**
   * @param terminal takes one line for people
   * @param end ends the process in order, with this code, and returns at once
   */
  public FatalErrors(Consumer<String> terminal, IntConsumer end) {
    this.terminal = terminal;
    this.end = end;
  }

  /** Makes this the handler of every thread that has none of its own. */
  public void install() {
    Thread.setDefaultUncaughtExceptionHandler(this);
    var options = ManagementFactory.getRuntimeMXBean().getInputArguments();
    if (!options.contains(EXIT_OPTION) && !options.contains(CRASH_OPTION)) {
      log.warn("java runs without {}: it may limp on when it is out of memory", EXIT_OPTION);
    }
  }

  @Override
  public void uncaughtException(Thread thread, Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      // What an orderly stop would need is not there.
      try {
        terminal.accept(line(thread, failure));
      } finally {
        Runtime.getRuntime().halt(EXIT_CODE);
      }
    }
    log.error("thread {} was ended by what nobody caught", thread.getName(), failure);
    if (failure instanceof Error) {
      terminal.accept(line(thread, failure));
      end.accept(EXIT_CODE);
    }
  }

  private static String line(Thread thread, Throwable failure) {
    return "thread " + thread.getName() + " was ended by " + failure + "; the process ends";
  }
}
