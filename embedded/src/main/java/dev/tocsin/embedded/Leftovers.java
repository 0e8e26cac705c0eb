package dev.tocsin.embedded;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What processes that were killed have left in the cache: files and directories that were being
 * made. Their names tell who made them.
 */
final class Leftovers {
  private static final Pattern UNFINISHED = Pattern.compile(".+\\.new-(\\d{1,18})-.+");

  /** Names of older versions tell no process: nothing takes this long to make. */
  private static final Pattern UNNAMED =
      Pattern.compile("postgres-.+\\.new-.+|kafka-main-.+\\.new");

  private static final Duration UNNAMED_KEPT = Duration.ofHours(1);

  /** The cache may be shared with a machine or container whose processes do not show here. */
  private static final Duration NAMED_KEPT = Duration.ofMinutes(1);

  private Leftovers() {}

  /** A name for something that is being made beside what it will be. */
  static String unfinished(String name) {
    return name + ".new-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
  }

  /** Deletes what no living process is making; what cannot be deleted stays. */
  static void clear(Path cache) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(cache)) {
      for (Path entry : entries) {
        if (isLeft(entry)) {
          DataDirectory.deleteTree(entry);
        }
      }
    } catch (IOException e) {
      // Costs disk space in a cache only.
    }
  }

  private static boolean isLeft(Path entry) throws IOException {
    String name = String.valueOf(entry.getFileName());
    Matcher made = UNFINISHED.matcher(name);
    if (made.matches()) {
      return ProcessHandle.of(Long.parseLong(made.group(1))).isEmpty()
          && isOlder(entry, NAMED_KEPT);
    }
    return UNNAMED.matcher(name).matches() && isOlder(entry, UNNAMED_KEPT);
  }

  private static boolean isOlder(Path entry, Duration age) throws IOException {
    return Files.getLastModifiedTime(entry).toInstant().isBefore(Instant.now().minus(age));
  }
}
