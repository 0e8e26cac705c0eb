package dev.tocsin.app.running;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunningSuiteTest {
  private static final Map<String, String> ADDRESSES = Map.of("kafka", "127.0.0.1:19092");

  @TempDir private Path temp;

  @Test
  void running_isFoundUntilItStops() throws Exception {
    assertThat(RunningSuite.in(temp)).isEmpty();
    RunningSuite self = RunningSuite.here(ADDRESSES);
    self.write(temp);
    assertThat(RunningSuite.in(temp)).contains(self);
    RunningSuite.remove(temp);
    assertThat(RunningSuite.in(temp)).isEmpty();
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void ownerThatIsDead_orWhoseIdAnotherHasNow_isNotFound() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    assertThat(dead.waitFor()).isZero();
    new RunningSuite(dead.pid(), 0, ADDRESSES).write(temp);
    assertThat(RunningSuite.in(temp)).isEmpty();
    RunningSuite self = RunningSuite.here(ADDRESSES);
    new RunningSuite(self.pid(), self.startedAtMs() - 60_000, ADDRESSES).write(temp);
    assertThat(RunningSuite.in(temp)).isEmpty();
  }

  @Test
  void fileOfSomethingElse_isNotFound() throws Exception {
    Files.writeString(temp.resolve("tocsin.running"), "pid=many");
    assertThat(RunningSuite.in(temp)).isEmpty();
  }
}
