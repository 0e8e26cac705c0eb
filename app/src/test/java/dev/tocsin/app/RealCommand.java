package dev.tocsin.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The command in a JVM of its own, on the class path of the tests, with its output in files: what a
 * person sees who does not sit at a terminal.
 */
public record RealCommand(int exitCode, String out, String err) {

  public static RealCommand in(Path directory, String... arguments) throws Exception {
    return in(directory, Map.of(), arguments);
  }

  public static RealCommand in(Path directory, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx200m", "-cp"));
    command.add(classPath());
    command.add("dev.tocsin.app.Main");
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("command", ".out");
    Path err = Files.createTempFile("command", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      int exitCode = builder.start().waitFor();
      return new RealCommand(exitCode, text(out), text(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), UTF_8);
  }

  /** Its entries may be relative to the directory of this JVM. */
  private static String classPath() {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":")) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(":", entries);
  }
}
