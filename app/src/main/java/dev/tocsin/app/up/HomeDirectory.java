package dev.tocsin.app.up;

import dev.tocsin.common.runtime.FailureText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The data directory of one {@code tocsin up}: made when missing (only its owner may enter it),
 * checked, and locked until this process ends.
 *
 * <pre>
 * tocsin.lock     held while in use; names the owner's pid
 * tocsin.running  the owner's addresses, for other commands; there while it is ready
 * kafka/        the embedded broker's log
 * postgres/     the embedded server's cluster and its password (0600)
 * demo/         the demo's rule file
 * logs/         tocsin.log, kafka.log, postgres.log
 * </pre>
 */
final class HomeDirectory implements AutoCloseable {
  private static final long MIB = 1L << 20;
  private static final long FREE_MIB_MIN = 1_024;

  private final Path path;
  private final FileChannel lock;

  private HomeDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * @throws StartFailure when it cannot be used, saying why and what to do
   */
  static HomeDirectory open(Path requested) {
    Path path = requested.toAbsolutePath().normalize();
    try {
      create(path);
      requireRoom(path);
      return new HomeDirectory(path, lock(path));
    } catch (FileAlreadyExistsException e) {
      throw new StartFailure(
          "data directory " + path + " is a file (expected: a directory, or --data-dir DIR)");
    } catch (IOException e) {
      throw new StartFailure(
          "data directory %s cannot be used by user %s (%s); make it readable and writable, or choose another with --data-dir DIR"
              .formatted(path, System.getProperty("user.name"), FailureText.of(e)));
    }
  }

  Path path() {
    return path;
  }

  Path logs() {
    return path.resolve("logs");
  }

  Path kafka() {
    return path.resolve("kafka");
  }

  Path postgres() {
    return path.resolve("postgres");
  }

  /** Writes a file below the directory for others to read by path. */
  Path write(String name, byte[] content) {
    Path file = path.resolve(name);
    try {
      Files.createDirectories(file.resolveSibling("."));
      return Files.write(file, content);
    } catch (IOException e) {
      throw new StartFailure("cannot write " + FailureText.of(e) + " (expected: a writable file)");
    }
  }

  private static void create(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      Path parent = path.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Files.createDirectories(path.resolve("logs"));
    try (var entries = Files.newDirectoryStream(path)) {
      var unused = entries.iterator().hasNext();
    }
  }

  private static void requireRoom(Path path) throws IOException {
    long freeMib = Files.getFileStore(path).getUsableSpace() / MIB;
    if (freeMib < FREE_MIB_MIN) {
      throw new StartFailure(
          "data directory %s has %d MiB free (expected: at least %d MiB); make room, or choose another with --data-dir DIR"
              .formatted(path, freeMib, FREE_MIB_MIN));
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    Path file = path.resolve("tocsin.lock");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        String pid = Long.toString(ProcessHandle.current().pid());
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)));
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process; same message as for another one.
    }
    channel.close();
    throw new StartFailure(
        "data directory %s is in use by another tocsin (pid %s); stop that one, or start this one with --data-dir DIR --port-offset N"
            .formatted(path, Files.readString(file).strip()));
  }

  /** Lets another process have it. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StartFailure("cannot release " + path + " (" + FailureText.of(e) + ")");
    }
  }
}
