package dev.tocsin.common.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the files are that a configuration file names: beside it, so that both can be moved and
 * started from anywhere. Once they were looked for in the working directory; a file that is only
 * there is still used, with a warning.
 */
final class FilePlaces {
  private final Path directory;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @param directory of the configuration file
   */
  FilePlaces(Path directory) {
    this.directory = directory;
  }

  static FilePlaces beside(Path configuration) {
    return new FilePlaces(configuration.resolveSibling(""));
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /**
   * The file's name from the working directory on.
   *
   * @param key for the warning
   */
  String find(String key, String name) {
    String beside = directory.resolve(name).toString();
    if (beside.equals(name) || exists(beside) || !exists(name)) {
      return beside;
    }
    String warning =
        "%s: %s is in the working directory (expected: beside the configuration file, as %s)"
            .formatted(key, name, beside);
    if (!warnings.contains(warning)) {
      warnings.add(warning);
    }
    return name;
  }

  /** Whether there is that file, or one that matches. */
  private static boolean exists(String pattern) {
    Path path = Path.of(pattern);
    Path last = path.getFileName();
    if (last == null || !last.toString().matches(".*[*?].*")) {
      return Files.exists(path);
    }
    try (DirectoryStream<Path> matching =
        Files.newDirectoryStream(path.resolveSibling(""), last.toString())) {
      return matching.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }
}
