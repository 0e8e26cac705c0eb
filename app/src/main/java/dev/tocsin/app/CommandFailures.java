package dev.tocsin.app;

import dev.tocsin.common.runtime.FailureText;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What a person reads when a command cannot be run: one line that begins with {@code tocsin:} and
 * names the value and what was expected, never a stack trace.
 */
final class CommandFailures implements IParameterExceptionHandler, IExecutionExceptionHandler {

  /** Arguments that cannot be used: exit code 2. */
  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    String help = "'" + command.getCommandSpec().qualifiedName() + " --help'";
    complain(command, sentence(failure).replace("'tocsin --help'", help));
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** What nobody foresaw: exit code 1. */
  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    complain(command, FailureText.of(failure));
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  private static void complain(CommandLine command, String problem) {
    problem.lines().forEach(line -> command.getErr().println("tocsin: " + line));
    command.getErr().flush();
  }

  private static String sentence(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      return unknown(unmatched);
    }
    ArgSpec argument = failure.getArgSpec();
    if (failure instanceof MissingParameterException missing) {
      return missing.getMissing().isEmpty()
          ? FailureText.of(failure)
          : name(missing.getMissing().get(0)) + ": missing (expected: see 'tocsin --help')";
    }
    if (argument == null || failure.getValue() == null) {
      return FailureText.of(failure);
    }
    return name(argument) + ": " + failure.getValue() + " (expected: " + expected(argument) + ")";
  }

  private static String unknown(UnmatchedArgumentException failure) {
    List<String> unmatched = failure.getUnmatched();
    String first = unmatched.isEmpty() ? "" : unmatched.get(0);
    List<String> near = failure.getSuggestions();
    String expected =
        near.isEmpty()
            ? "see 'tocsin --help'"
            : String.join(" or ", near) + "; see 'tocsin --help'";
    String what = failure.isUnknownOption() ? "unknown option" : "not understood";
    return first + ": " + what + " (expected: " + expected + ")";
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String expected(ArgSpec argument) {
    Class<?> type = argument.auxiliaryTypes()[argument.auxiliaryTypes().length - 1];
    if (type.isEnum()) {
      return "one of " + List.of(type.getEnumConstants());
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    return type == Path.class ? "the name of a file" : "see 'tocsin --help'";
  }
}
