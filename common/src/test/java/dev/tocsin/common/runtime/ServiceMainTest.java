package dev.tocsin.common.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How a process ends, seen from outside. */
class ServiceMainTest {
  private record End(int exitCode, String output) {}

  private static End run(List<String> options, String end) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(DoomedService.class.getName(), end));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TOCSIN_LOG_FORMAT", "text");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new End(process.waitFor(), output);
  }

  @Test
  void process_ends_andSaysWhy_whenAnErrorEndsAThread() throws Exception {
    End end = run(List.of("-Xmx64m"), "error");
    assertThat(end.exitCode).isEqualTo(FatalErrors.EXIT_CODE);
    assertThat(end.output)
        .contains(
            "doomed: thread worker was ended by java.lang.NoClassDefFoundError: dev/tocsin/Gone");
  }

  @Test
  void process_ends_andSaysWhy_whenItIsOutOfMemory_alsoWithoutTheLaunchersOption()
      throws Exception {
    End end = run(List.of("-Xmx32m"), "memory");
    assertThat(end.exitCode).isEqualTo(FatalErrors.EXIT_CODE);
    assertThat(end.output).contains("java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void process_ends_whenItIsOutOfMemory_withTheOptionsOfLauncherAndImage() throws Exception {
    for (String script : List.of("tocsin", "deploy/image/run")) {
      End end = run(options(script), "memory");
      assertThat(end.exitCode).as(script).isEqualTo(FatalErrors.EXIT_CODE);
      assertThat(end.output)
          .contains("Terminating due to java.lang.OutOfMemoryError: Java heap space");
    }
  }

  /** The options for the JVM that a script has, with a heap that is soon full. */
  private static List<String> options(String script) throws Exception {
    String text = Files.readString(Path.of("..", script.split("/")));
    Matcher option = Pattern.compile("(?<=\\s)-XX:[+-]\\w+(=\\d+)?(?=\\s)").matcher(text);
    List<String> options = new ArrayList<>();
    while (option.find()) {
      options.add(option.group());
    }
    assertThat(options).as(new File(script).getName()).contains("-XX:+ExitOnOutOfMemoryError");
    options.add("-Xmx32m");
    return options;
  }

  @Test
  void process_saysWhatItCannotStartFor_alsoWithoutAMessage() throws Exception {
    End end = run(List.of("-Xmx64m"), "start");
    assertThat(end.exitCode).isEqualTo(1);
    assertThat(end.output).contains("doomed cannot start: java.lang.StackOverflowError");
  }
}
