package dev.tocsin.app.keys;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands about API keys. */
@Command(
    name = "keys",
    description = "API keys for those who send telemetry.",
    mixinStandardHelpOptions = true,
    subcommands = {CreateKeyCommand.class, HelpCommand.class})
public final class KeysCommand implements Runnable {
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
