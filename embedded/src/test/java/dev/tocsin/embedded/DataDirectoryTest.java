package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path directory;

  @Test
  void acquire_namesTheRoom_whenThereIsTooLittle() {
    assertThatThrownBy(() -> DataDirectory.acquire("Kafka", directory, Long.MAX_VALUE))
        .isInstanceOf(EmbeddedException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("MiB free; expected: at least");
  }

  @Test
  void acquire_refusesASecondOwner_untilTheFirstCloses() {
    DataDirectory first = DataDirectory.acquire("Kafka", directory.resolve("a/b"), 1);
    assertThatThrownBy(() -> DataDirectory.acquire("Kafka", first.path(), 1))
        .hasMessageContaining("in use by another running process");
    first.close();
    first.close();
    DataDirectory second = DataDirectory.acquire("Kafka", first.path(), 1);
    assertThatThrownBy(first::reacquire).hasMessageContaining("in use");
    second.close();
    first.reacquire();
    first.reacquire();
    first.close();
  }

  @Test
  void awaitUnlocked_endsAtItsLimit() throws Exception {
    Path file = directory.resolve("lock");
    assertThat(DataDirectory.awaitUnlocked(file, Duration.ZERO)).isTrue();
    Files.createFile(file);
    assertThat(DataDirectory.awaitUnlocked(file, Duration.ZERO)).isTrue();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertThat(channel.lock()).isNotNull();
      assertThat(DataDirectory.awaitUnlocked(file, Duration.ofMillis(50))).isFalse();
    }
  }

  @Test
  void writePrivately_replacesAFile_thatOnlyItsOwnerCanRead() throws Exception {
    Path file = Files.writeString(directory.resolve("password"), "old");
    DataDirectory.writePrivately(file, "new");
    assertThat(file).hasContent("new");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
