package dev.tocsin.storage;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Programs of the machine that some tests need and others do without. */
final class Programs {
  private Programs() {}

  /** The program on the search path, or null. */
  static @Nullable Path find(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }
}
