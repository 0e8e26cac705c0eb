package dev.tocsin.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server's directory, owned by this process while held: created, writable, with room, and locked
 * against a second owner. The lock falls with the process, however that ends.
 */
final class DataDirectory implements AutoCloseable {
  private static final long MIB = 1024L * 1024;

  private final String server;
  private final Path path;
  private @Nullable FileChannel lock;

  private DataDirectory(String server, Path path) {
    this.server = server;
    this.path = path;
  }

  /**
   * Takes the directory.
   *
   * @param server who asks, for messages
   * @param freeBytesMin room that must be left on its file system
   */
  static DataDirectory acquire(String server, Path requested, long freeBytesMin) {
    Path path = requested.toAbsolutePath().normalize();
    create(server, path);
    requireRoom(server, path, freeBytesMin);
    DataDirectory directory = new DataDirectory(server, path);
    directory.reacquire();
    return directory;
  }

  Path path() {
    return path;
  }

  /** Takes the lock again after {@link #close}; nothing happens when it is still held. */
  synchronized void reacquire() {
    if (lock != null) {
      return;
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              path.resolve("owner.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        lock = channel;
        return;
      }
    } catch (OverlappingFileLockException e) {
      // Another instance in this JVM has it.
    } catch (IOException e) {
      closeQuietly(channel);
      throw unusable(server, path, e);
    }
    closeQuietly(channel);
    throw inUse(server, path);
  }

  /** Waits until nobody holds a lock on the file; true when that is so within the limit. */
  static boolean awaitUnlocked(Path lockFile, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (Files.exists(lockFile)) {
      try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
        if (channel.tryLock() != null) {
          return true;
        }
        if (System.nanoTime() - end > 0) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (IOException e) {
        // Not ours to open: the server will say so itself.
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EmbeddedException("interrupted while waiting for " + lockFile, e);
      }
    }
    return true;
  }

  /** Gives the directory up; closing twice is harmless. */
  @Override
  public synchronized void close() {
    closeQuietly(lock);
    lock = null;
  }

  private static void create(String server, Path path) {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path);
      }
      Path probe = Files.createTempFile(path, "writable", null);
      Files.delete(probe);
      try (var entries = Files.newDirectoryStream(path)) {
        var unused = entries.iterator().hasNext();
      }
    } catch (FileAlreadyExistsException e) {
      throw new EmbeddedException(
          "%s data directory: %s (is a file; expected: a directory, or a path where one can be created)"
              .formatted(server, path),
          e);
    } catch (IOException e) {
      throw unusable(server, path, e);
    }
  }

  private static void requireRoom(String server, Path path, long freeBytesMin) {
    try {
      long usable = Files.getFileStore(path).getUsableSpace();
      if (usable < freeBytesMin) {
        throw new EmbeddedException(
            "%s data directory: %s (%d MiB free; expected: at least %d MiB; make room or choose another directory)"
                .formatted(server, path, usable / MIB, freeBytesMin / MIB));
      }
    } catch (IOException e) {
      throw unusable(server, path, e);
    }
  }

  private static EmbeddedException unusable(String server, Path path, IOException cause) {
    return new EmbeddedException(
        "%s data directory: %s (%s; expected: a directory that user %s can read and write)"
            .formatted(server, path, cause, System.getProperty("user.name")),
        cause);
  }

  private static EmbeddedException inUse(String server, Path path) {
    return new EmbeddedException(
        "%s data directory: %s (in use by another running process; expected: one owner; stop the other one or choose another directory)"
            .formatted(server, path));
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The failure that led here is the one to report.
    }
  }

  /** Writes a file that only its owner may read; never visible half-written. */
  static void writePrivately(Path file, String content) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh,
        PosixFilePermissions.asFileAttribute(
            Set.copyOf(PosixFilePermissions.fromString("rw-------"))));
    Files.writeString(fresh, content);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Deletes a directory tree if it is there; links are not followed. */
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
