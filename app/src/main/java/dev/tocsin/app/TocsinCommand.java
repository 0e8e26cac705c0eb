package dev.tocsin.app;

import dev.tocsin.app.bench.BenchCommand;
import dev.tocsin.app.conformance.ConformanceCommand;
import dev.tocsin.app.db.DbCommand;
import dev.tocsin.app.keys.KeysCommand;
import dev.tocsin.app.up.UpCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command tree; every subcommand is listed here and lives in its own package. */
@Command(
    name = "tocsin",
    description = "OpenTelemetry in, the right person paged out, on Kafka and Postgres.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      UpCommand.class,
      KeysCommand.class,
      ConformanceCommand.class,
      BenchCommand.class,
      DbCommand.class,
      VersionCommand.class,
      HelpCommand.class
    })
final class TocsinCommand implements Runnable {
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
