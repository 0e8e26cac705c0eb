package dev.tocsin.app.up;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where libraries of this process and of the broker unpack what they need: a directory of its own,
 * as they leave it behind after a {@code kill -9}. A lock says that the owner lives; the next start
 * deletes those that nobody holds.
 */
final class TemporaryDirectory implements AutoCloseable {
  private static final String PREFIX = "tocsin-";
  private static final String LOCK = "owner.lock";

  private final Path path;
  private final FileChannel lock;

  private TemporaryDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Makes one, only for its owner, and deletes what dead owners have left beside it. */
  static TemporaryDirectory in(Path parent) throws IOException {
    clear(parent);
    Path path = Files.createTempDirectory(parent, PREFIX);
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    @Nullable FileLock held = channel.tryLock();
    if (held == null) {
      channel.close();
      throw new IOException(path + " is in use by another");
    }
    return new TemporaryDirectory(path, channel);
  }

  Path path() {
    return path;
  }

  private static void clear(Path parent) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : found) {
        if (isLeft(directory.resolve(LOCK))) {
          delete(directory);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // Somebody else's, or being deleted by another start: costs disk space only.
    }
  }

  private static boolean isLeft(Path file) {
    if (!Files.isWritable(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** Deletes it; nothing may use it any more. What cannot be deleted is left to the next start. */
  @Override
  public void close() {
    try (lock) {
      delete(path);
    } catch (IOException | UncheckedIOException e) {
      // As said.
    }
  }
}
