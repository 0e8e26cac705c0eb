package dev.tocsin.app.db;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tocsin db}. */
@Command(
    name = "db",
    description = "Look after what is stored, and what could not be.",
    mixinStandardHelpOptions = true,
    subcommands = ReplayDeadLettersCommand.class)
public final class DbCommand implements Runnable {
  @SuppressWarnings("NullAway.Init") // set by picocli
  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given (expected: " + String.join(", ", spec.subcommands().keySet()) + ")");
  }
}
