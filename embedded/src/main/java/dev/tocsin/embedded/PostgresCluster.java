package dev.tocsin.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The data of one PostgreSQL: {@code <data directory>/cluster}, made by initdb in a sibling and
 * renamed when complete, and {@code <data directory>/password}, readable by its owner only.
 */
final class PostgresCluster {
  static final String USER = "tocsin";
  static final String DATABASE = "tocsin";
  private static final Duration INIT_LIMIT = Duration.ofMinutes(3);

  private final Path root;
  private final PostgresBinaries binaries;
  private final Confinement confinement;

  PostgresCluster(Path root, PostgresBinaries binaries, Confinement confinement) {
    this.root = root;
    this.binaries = binaries;
    this.confinement = confinement;
  }

  Path directory() {
    return root.resolve("cluster");
  }

  /** Makes the cluster when there is none; checks that an existing one is ours to run. */
  void prepare(StartProgress progress) {
    try {
      requireNoForeignFiles();
      if (!Files.exists(directory())) {
        progress.stage("initialising the database");
        initialise();
      }
      requireVersion();
      giveToRunningUser(root);
    } catch (IOException e) {
      throw new EmbeddedException(
          "PostgreSQL data directory: %s (%s; expected: readable and writable)".formatted(root, e),
          e);
    }
  }

  String password() {
    Path file = root.resolve("password");
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new EmbeddedException(
          "password file: %s (%s; expected: the file written beside the cluster when it was made)"
              .formatted(file, e),
          e);
    }
  }

  /**
   * The live process named by {@code postmaster.pid}, if it is a PostgreSQL on this very directory.
   * A leftover file whose pid now belongs to something else is removed: pids are reused, above all
   * in containers, and PostgreSQL would refuse to start for any live process of that number. In
   * doubt the file stays and PostgreSQL decides.
   */
  Optional<ProcessHandle> liveOwner() {
    Path file = directory().resolve("postmaster.pid");
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      Optional<ProcessHandle> process =
          ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(ProcessHandle::isAlive);
      if (process.isPresent() && isSomethingElse(process.get())) {
        Files.delete(file);
        return Optional.empty();
      }
      return process;
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Removes the {@code postmaster.pid} of a server known to have ended. */
  void forgetOwner() {
    try {
      Files.deleteIfExists(directory().resolve("postmaster.pid"));
    } catch (IOException e) {
      throw new EmbeddedException(
          "PostgreSQL data directory: %s (%s; expected: writable)".formatted(directory(), e), e);
    }
  }

  private boolean isSomethingElse(ProcessHandle process) {
    Optional<String> command = process.info().command();
    if (command.isPresent() && !command.get().endsWith("/postgres")) {
      return true;
    }
    try {
      // PostgreSQL works inside its data directory. Not readable (other user, macOS): in doubt.
      Path workingDirectory = Path.of("/proc", Long.toString(process.pid()), "cwd").toRealPath();
      return !workingDirectory.equals(directory().toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  private void requireNoForeignFiles() {
    if (Files.exists(root.resolve("PG_VERSION"))) {
      throw new EmbeddedException(
          "PostgreSQL data directory: %s (is itself a PostgreSQL cluster that Tocsin did not make; expected: an empty directory or one made by Tocsin)"
              .formatted(root));
    }
  }

  private void requireVersion() throws IOException {
    Path file = directory().resolve("PG_VERSION");
    if (!Files.exists(file)) {
      throw new EmbeddedException(
          "PostgreSQL data directory: %s (not a PostgreSQL cluster: it has no PG_VERSION; expected: an empty directory or one made by Tocsin)"
              .formatted(directory()));
    }
    String found = Files.readString(file).strip();
    if (!found.equals(binaries.majorVersion())) {
      throw new EmbeddedException(
          "PostgreSQL data directory: %s (made by PostgreSQL %s; expected: %s; use the Tocsin that made it, migrate it with pg_upgrade, or choose another directory)"
              .formatted(directory(), found, binaries.majorVersion()));
    }
  }

  private void initialise() throws IOException {
    Path fresh = root.resolve("cluster.new");
    DataDirectory.deleteTree(fresh);
    Path password = root.resolve("password");
    DataDirectory.writePrivately(password, randomPassword() + "\n");
    giveToRunningUser(root);
    run(
        "",
        binaries.initdb(),
        "--pgdata=" + fresh,
        "--username=" + USER,
        "--auth=scram-sha-256",
        "--pwfile=" + password,
        "--encoding=UTF8",
        "--no-locale",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions");
    String created =
        run(
            "CREATE DATABASE " + DATABASE + "\n",
            binaries.postgres(),
            "--single",
            "-D",
            fresh.toString(),
            "postgres");
    if (created.contains("ERROR") || created.contains("FATAL")) {
      throw new EmbeddedException("PostgreSQL: cannot create the database: " + created);
    }
    Files.move(fresh, directory(), StandardCopyOption.ATOMIC_MOVE);
  }

  private String run(String input, String... command) {
    List<String> wrapped = confinement.wrap(List.of(command));
    Commands.Result result = Commands.run(wrapped, input, INIT_LIMIT);
    if (!result.ok()) {
      throw new EmbeddedException(
          "PostgreSQL: %s failed with exit code %d: %s"
              .formatted(Path.of(command[0]).getFileName(), result.exitCode(), result.output()));
    }
    return result.output();
  }

  private void giveToRunningUser(Path path) throws IOException {
    String user = confinement.runAs();
    if (user.isEmpty()) {
      return;
    }
    for (Path part : List.of(path, path.resolve("cluster"))) {
      if (Files.exists(part)
          && !Files.getOwner(part, LinkOption.NOFOLLOW_LINKS).getName().equals(user)) {
        Commands.Result result =
            Commands.run(List.of("chown", "-R", user, path.toString()), "", INIT_LIMIT);
        if (!result.ok()) {
          throw new IOException("cannot be given to user " + user + ": " + result.output());
        }
      }
    }
    List<String> reach = new ArrayList<>(List.of("test", "-x", binaries.postgres(), "-a", "-w"));
    reach.add(path.toString());
    if (!Commands.run(confinement.wrap(reach), "", INIT_LIMIT).ok()) {
      throw new EmbeddedException(
          "PostgreSQL directories: %s and %s (cannot be reached by user %s, which PostgreSQL runs as because it refuses root; expected: parent directories open to everybody, or start as a normal user)"
              .formatted(path, binaries.postgres(), user));
    }
  }

  private static String randomPassword() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
