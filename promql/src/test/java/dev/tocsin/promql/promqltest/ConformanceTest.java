package dev.tocsin.promql.promqltest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs every script of a folder outside the repository, where there is one. */
class ConformanceTest {
  /** Absent where the folder is not given and does not exist beside the checkout. */
  private static Path folder() {
    String given = System.getProperty("promqltest.dir");
    return given != null
        ? Path.of(given)
        : Path.of("..", "..", "shared", "conformance", "promqltest").toAbsolutePath().normalize();
  }

  @Test
  void allScripts_pass() throws IOException {
    Path folder = folder();
    assumeTrue(
        Files.isDirectory(folder),
        "skipped: no folder of promqltest scripts; give one with -Dpromqltest.dir");
    List<Path> scripts;
    try (Stream<Path> files = Files.list(folder)) {
      scripts = files.filter(file -> file.toString().endsWith(".test")).sorted().toList();
    }
    List<String> failures = new ArrayList<>();
    StringBuilder table = new StringBuilder();
    table.append(String.format("%n%-28s %9s %7s %7s%n", "file", "evaluated", "passed", "failed"));
    for (Path script : scripts) {
      ScriptRunner.Report report = ScriptRunner.run(Files.readString(script));
      int failed = report.failures().size();
      table.append(
          String.format(
              "%-28s %9d %7d %7d%n",
              script.getFileName(), report.evaluated(), report.evaluated() - failed, failed));
      for (ScriptRunner.Failure failure : report.failures()) {
        failures.add(
            script.getFileName()
                + ":"
                + failure.line()
                + " "
                + failure.query()
                + "\n    "
                + failure.reason());
      }
    }
    System.out.println(table);
    assertThat(scripts).isNotEmpty();
    assertThat(failures).isEmpty();
  }
}
