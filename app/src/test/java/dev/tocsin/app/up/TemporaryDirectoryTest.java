package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemporaryDirectoryTest {
  @TempDir private Path temp;

  @Test
  void directoryOfADeadOwner_goesAtTheNextStart_thatOfALivingOneStays() throws Exception {
    Path dead = Files.createDirectories(temp.resolve("tocsin-1/vertx-cache"));
    Files.createFile(dead.resolve("file"));
    Files.createFile(temp.resolve("tocsin-1/owner.lock"));
    Path foreign = Files.createDirectory(temp.resolve("tocsin-notes"));
    try (TemporaryDirectory first = TemporaryDirectory.in(temp)) {
      assertThat(temp.resolve("tocsin-1")).doesNotExist();
      Files.createFile(first.path().resolve("library.so"));
      try (TemporaryDirectory second = TemporaryDirectory.in(temp)) {
        assertThat(first.path().resolve("library.so")).exists();
        assertThat(second.path()).isNotEqualTo(first.path());
      }
    }
    try (var entries = Files.list(temp)) {
      assertThat(entries).containsExactly(foreign);
    }
  }
}
