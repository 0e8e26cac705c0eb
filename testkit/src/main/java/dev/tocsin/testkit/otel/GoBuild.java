package dev.tocsin.testkit.otel;

import dev.tocsin.embedded.UserCache;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.opentest4j.TestAbortedException;

/**
 * A Go program built from our resources, once: it is kept in the user's cache for as long as its
 * sources and the way it is built stay the same.
 *
 * @param name of the resource folder and of the program
 * @param files in that folder
 * @param arguments of {@code go}
 * @param result where these leave the program
 */
record GoBuild(String name, List<String> files, List<String> arguments, Path result) {
  // From nothing, the Collector takes three to four minutes of two cores.
  private static final Duration TIMEOUT = Duration.ofMinutes(15);

  /**
   * Blocks while it is built, here or by another JVM.
   *
   * @throws TestAbortedException when it is not in the cache and cannot be built on this machine
   */
  Path program() {
    synchronized (GoBuild.class) {
      try {
        Path directory = UserCache.directory().resolve("go-" + name + "-" + digest());
        Path program = directory.resolve(name);
        if (Files.isExecutable(program)) {
          return program;
        }
        Go.require();
        Files.createDirectories(directory);
        try (FileChannel channel =
                FileChannel.open(
                    directory.resolve("lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock held = channel.lock()) {
          if (held.isValid() && !Files.isExecutable(program)) {
            build(directory.resolve("work"), program);
          }
        }
        return program;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void build(Path work, Path program) throws IOException {
    Files.createDirectories(work);
    for (String file : files) {
      Files.write(work.resolve(file), content(file));
    }
    Go.run(arguments, work, TIMEOUT);
    Files.move(work.resolve(result), program, StandardCopyOption.ATOMIC_MOVE);
  }

  private String digest() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String file : files) {
        digest.update(content(file));
      }
      digest.update(arguments.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] content(String file) throws IOException {
    String resource = name + "/" + file;
    try (InputStream in = GoBuild.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + ": no such resource");
      }
      return in.readAllBytes();
    }
  }
}
