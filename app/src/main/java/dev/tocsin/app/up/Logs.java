package dev.tocsin.app.up;

import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the all-in-one process logs: to {@code logs/tocsin.log}, warnings to the terminal as well.
 * To be called before the first logger is made.
 */
final class Logs {
  private Logs() {}

  static void toFile(Path directory) {
    System.setProperty("tocsin.logs", directory.toString());
    System.setProperty("logback.configurationFile", "dev/tocsin/app/up/logback-up.xml");
    LogManager.getLogManager().reset();
    java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
    root.setLevel(Level.WARNING);
    root.addHandler(new Forward());
  }

  /** Passes on what libraries say through java.util.logging. */
  private static final class Forward extends Handler {
    @Override
    public void publish(LogRecord message) {
      Logger log = LoggerFactory.getLogger(String.valueOf(message.getLoggerName()));
      // To the file only: the one library here that logs this way repeats what the health says.
      log.info("{}: {}", message.getLevel(), message.getMessage(), message.getThrown());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
