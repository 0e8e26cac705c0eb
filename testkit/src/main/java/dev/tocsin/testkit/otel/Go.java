package dev.tocsin.testkit.otel;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** The Go tool on this machine, which takes modules from its module proxy. */
final class Go {
  /** What the Collector and the SDK ask for. */
  private static final int MINOR_MIN = 26;

  private static final Pattern VERSION = Pattern.compile("go1\\.(\\d+)");
  private static final List<String> UNREACHABLE =
      List.of("dial tcp", "no such host", "i/o timeout", "handshake timeout", "proxyconnect");

  private Go() {}

  /**
   * @throws TestAbortedException when there is no Go, or only an old one
   */
  static void require() {
    if (!ChildProgram.canRun("go", "version")) {
      throw new TestAbortedException("go cannot be run here");
    }
    String version =
        String.join(
            " ",
            ChildProgram.run(
                List.of("go", "version"), Path.of(System.getProperty("java.io.tmpdir"))));
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.find() || Integer.parseInt(matcher.group(1)) < MINOR_MIN) {
      throw new TestAbortedException(
          "%s is too old (expected: at least go1.%d)".formatted(version, MINOR_MIN));
    }
  }

  /**
   * Runs {@code go ARGUMENTS} to its end.
   *
   * @throws TestAbortedException when the module proxy cannot be reached
   * @throws AssertionError when it fails for another reason, with its output
   */
  static void run(List<String> arguments, Path directory, Duration timeout) {
    List<String> command = Stream.concat(Stream.of("go"), arguments.stream()).toList();
    try {
      ChildProgram.run(command, directory, Map.of("CGO_ENABLED", "0", "GOWORK", "off"), timeout);
    } catch (AssertionError e) {
      if (UNREACHABLE.stream().anyMatch(String.valueOf(e.getMessage())::contains)) {
        throw new TestAbortedException("the Go module proxy cannot be reached", e);
      }
      throw e;
    }
  }
}
