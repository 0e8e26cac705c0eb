package dev.tocsin.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers started by another JVM, which is then killed without a chance to tidy up. */
class ParentDeathIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  @TempDir Path directory;

  @Test
  void servers_endWithTheirParent_andTheNextStartRecovers() throws Exception {
    killTheParent(command("default", UserCache.directory()));
    // At once, on the same data.
    EmbeddedPostgres.start(PostgresOptions.in(directory.resolve("postgres"))).stop();
    EmbeddedKafka.start(KafkaOptions.in(directory.resolve("kafka"))).stop();
  }

  @Test
  void postgres_endsWithItsParent_whenOnlyAPipeTells() throws Exception {
    assumeTrue(ROOT, "needs root: the prefix is the one for root");
    killTheParent(command("watched", UserCache.directory()));
  }

  @Test
  void postgres_endsWithItsParent_whenRunAsAnotherUser() throws Exception {
    assumeTrue(ROOT, "needs root, to become somebody else");
    assumeTrue(Commands.works("id", "nobody"), "needs a user 'nobody'");
    openToEverybody();
    killTheParent(command("other-user", directory.resolve("cache")));
  }

  @Test
  void servers_workForANormalUser() throws Exception {
    assumeTrue(ROOT, "the other tests ran as a normal user already");
    List<String> nobody =
        List.of("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups", "--");
    assumeTrue(
        Commands.works("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups", "true"),
        "needs setpriv and a user 'nobody'");
    openToEverybody();
    Path home = Files.createDirectory(directory.resolve("home"));
    assertThat(Commands.works("chown", "nobody", home.toString())).isTrue();
    List<String> command = new ArrayList<>(nobody);
    command.addAll(javaCommand(readableClassPath(), home, "default", home.resolve("cache")));
    killTheParent(command);
  }

  private List<String> command(String confinement, Path cache) {
    return javaCommand(System.getProperty("java.class.path"), directory, confinement, cache);
  }

  private static List<String> javaCommand(
      String classPath, Path data, String confinement, Path cache) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        classPath,
        ParentMain.class.getName(),
        data.toString(),
        cache.toString(),
        confinement);
  }

  private void openToEverybody() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  // The class path may lie in a home directory that the normal user cannot enter.
  private String readableClassPath() throws Exception {
    Path copies = Files.createDirectory(directory.resolve("lib"));
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path copy = copies.resolve(entries.size() + "").resolve(Path.of(entry).getFileName());
      Files.createDirectories(copies.resolve(entries.size() + ""));
      if (Commands.works("cp", "-r", entry, copy.toString())) {
        entries.add(copy.toString());
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private void killTheParent(List<String> command) throws Exception {
    Process parent = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> output = new ArrayList<>();
    List<ProcessHandle> servers = List.of();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine();
          line != null && servers.isEmpty();
          line = servers.isEmpty() ? lines.readLine() : null) {
        output.add(line);
        if (line.startsWith("pids ")) {
          String[] words = line.split(" ", -1);
          servers = List.of(process(words[1]), process(words[2]));
        }
      }
      assertThat(servers).as("output: %s", output).hasSize(2).allMatch(ProcessHandle::isAlive);
      List<ProcessHandle> all = new ArrayList<>(servers);
      servers.forEach(server -> server.descendants().forEach(all::add));
      if (Files.isDirectory(Path.of("/proc"))) {
        // A session of their own: Ctrl-C in the parent's terminal does not reach them.
        assertThat(servers).allMatch(server -> sessionOf(server) != sessionOf(parent.toHandle()));
      }
      parent.destroyForcibly();
      assertThat(all).allMatch(server -> Commands.awaitEnd(server, LIMIT));
    } finally {
      parent.destroyForcibly();
    }
  }

  private static ProcessHandle process(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  private static long sessionOf(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
