package dev.tocsin.app;

import picocli.CommandLine;

/** The whole command, with one way to tell of failures. */
final class TocsinCommandLine {
  private TocsinCommandLine() {}

  static CommandLine create() {
    CommandFailures failures = new CommandFailures();
    return new CommandLine(new TocsinCommand())
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }
}
