package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeDirectoryTest {
  @TempDir private Path temp;

  @Test
  void directory_isMadeForItsOwnerOnly() throws Exception {
    try (HomeDirectory home = HomeDirectory.open(temp.resolve("a/b c/data"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.path())))
          .isEqualTo("rwx------");
      assertThat(home.logs()).isDirectory();
    }
  }

  @Test
  void directory_isRefused_whileAnotherHasIt() {
    Path path = temp.resolve("data");
    long pid = ProcessHandle.current().pid();
    try (HomeDirectory first = HomeDirectory.open(path)) {
      assertThat(first.path()).isEqualTo(path);
      assertThatThrownBy(() -> HomeDirectory.open(path))
          .isInstanceOf(StartFailure.class)
          .hasMessage(
              "data directory %s is in use by another tocsin (pid %d); stop that one, or start"
                  + " this one with --data-dir DIR --port-offset N",
              path, pid);
    }
    HomeDirectory.open(path).close();
  }

  @Test
  void directory_isRefused_whenItIsAFile() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    assertThatThrownBy(() -> HomeDirectory.open(file))
        .isInstanceOf(StartFailure.class)
        .hasMessage("data directory %s is a file (expected: a directory, or --data-dir DIR)", file);
  }

  @Test
  void directory_isRefused_whereNothingCanBeMade() {
    assertThatThrownBy(() -> HomeDirectory.open(Path.of("/proc/1/tocsin")))
        .isInstanceOf(StartFailure.class)
        .hasMessageStartingWith("data directory /proc/1/tocsin cannot be used by user ")
        .hasMessageEndingWith("choose another with --data-dir DIR");
  }
}
