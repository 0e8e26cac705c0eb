package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildLogTest {
  @TempDir Path directory;

  @Test
  void log_rollsOnceAtItsLimit_andKeepsTheLastLines() throws Exception {
    Path file = directory.resolve("logs/child.log");
    try (ChildLog log = ChildLog.open(file, 100)) {
      for (int i = 0; i < 60; i++) {
        log.line("line " + i);
      }
      assertThat(log.tail()).hasSize(ChildLog.LINES_KEPT).startsWith("line 20").endsWith("line 59");
    }
    assertThat(Files.size(file)).isLessThanOrEqualTo(100);
    assertThat(Files.size(directory.resolve("logs/child.log.1"))).isLessThanOrEqualTo(100);
    try (ChildLog again = ChildLog.open(file, 1000)) {
      again.line("appended");
    }
    assertThat(file).content().contains("line 59\nappended\n");
  }

  @Test
  void log_cutsEndlessLines() {
    try (ChildLog log = ChildLog.open(directory.resolve("child.log"), 100_000)) {
      log.line("x".repeat(50_000));
      assertThat(log.tail().get(0)).hasSize(4003).endsWith("...");
    }
  }

  @Test
  void open_namesTheFile_whenItCannotBeWritten() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> ChildLog.open(file.resolve("child.log"), 100))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining(file + "/child.log");
  }
}
