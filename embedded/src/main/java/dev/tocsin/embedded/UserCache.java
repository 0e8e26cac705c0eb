package dev.tocsin.embedded;

import java.nio.file.Path;

/**
 * Where unpacked binaries and class archives are kept for this user; everything in it can be
 * remade.
 */
public final class UserCache {
  private UserCache() {}

  /** {@code $XDG_CACHE_HOME/tocsin}, or {@code ~/.cache/tocsin}. */
  public static Path directory() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return base.resolve("tocsin").toAbsolutePath().normalize();
  }
}
