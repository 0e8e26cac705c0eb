package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LeftoversTest {
  @TempDir private Path temp;

  private static Process ended() throws Exception {
    Process process = new ProcessBuilder("true").start();
    assertThat(process.waitFor()).isZero();
    return process;
  }

  @Test
  void whatADeadProcessWasMaking_goes_andNothingElse() throws Exception {
    Path left = Files.createDirectory(temp.resolve("postgres-18.new-" + ended().pid() + "-7"));
    Files.writeString(left.resolve("file"), "half");
    Path archive = temp.resolve("kafka-classes-0.jsa.new-" + ended().pid() + "-8");
    Files.createFile(archive);
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(61)));
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().minusSeconds(61)));
    Path elsewhere = temp.resolve("kafka-classes-1.jsa.new-" + ended().pid() + "-9");
    Files.createFile(elsewhere);
    Path old = Files.createFile(temp.resolve("kafka-main-123.new"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(7_200)));
    Path young = Files.createFile(temp.resolve("kafka-main-124.new"));
    Path ours = Files.createFile(temp.resolve(Leftovers.unfinished("postgres-18")));
    Path ready = Files.createDirectory(temp.resolve("postgres-18"));
    Leftovers.clear(temp);
    try (var entries = Files.list(temp)) {
      assertThat(entries).containsExactlyInAnyOrder(young, elsewhere, ours, ready);
    }
    Leftovers.clear(temp.resolve("not there"));
  }

  @Test
  void serverOfADeadParent_isKnown_anotherWithItsIdIsNot() throws Exception {
    ServerPid note = new ServerPid(temp);
    assertThat(note.alive()).isEmpty();
    note.note(ended().pid());
    assertThat(note.alive()).isEmpty();
    Process running = new ProcessBuilder("sleep", "600").start();
    try {
      note.note(running.pid());
      assertThat(note.alive()).contains(running.toHandle());
      String noted = Files.readString(temp.resolve("server.pid"));
      Files.writeString(temp.resolve("server.pid"), noted.replaceFirst(" \\d", " 1"));
      assertThat(note.alive()).isEmpty();
    } finally {
      running.destroyForcibly();
    }
  }

  @Test
  void serverThatOutlivedItsParent_isEnded() throws Exception {
    PreviousServer.end(temp, "TERM", stage -> {});
    Process running = new ProcessBuilder("sleep", "600").start();
    new ServerPid(temp).note(running.pid());
    List<String> stages = new ArrayList<>();
    PreviousServer.end(temp, "TERM", stages::add);
    assertThat(running.waitFor()).isEqualTo(128 + 15);
    assertThat(stages).containsExactly("ending what a killed tocsin has left running in " + temp);
    PreviousServer.end(temp, "TERM", stages::add);
    assertThat(stages).hasSize(1);
  }
}
