package dev.tocsin.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Class-data sharing for the broker's JVM: halves its start-up. The first broker of a class path
 * writes the archive when it shuts down in order, later ones map it. A broker whose archive does
 * not fit, or was never finished, starts without.
 *
 * <p>The JVM shares classes of jars only, and only while their times are unchanged. Ours come from
 * a build directory or a jar that is rebuilt often, so the two files the broker needs of us are put
 * in a jar of their own, named by their content.
 */
final class BrokerArchive {
  private static final List<String> OWN_FILES = List.of("BrokerMain.class", "broker-logback.xml");
  private static final Duration KEPT_UNUSED = Duration.ofDays(30);

  private final List<String> classPath;
  private final Path archive;
  private final Path fresh;

  private BrokerArchive(List<String> classPath, Path archive) {
    this.classPath = classPath;
    this.archive = archive;
    this.fresh = archive.resolveSibling(Leftovers.unfinished("" + archive.getFileName()));
  }

  /** Finds or prepares what can be shared for the given jars. */
  static BrokerArchive in(Path cache, List<String> jars) {
    try {
      Files.createDirectories(cache);
      Leftovers.clear(cache);
      List<String> classPath = new ArrayList<>();
      classPath.add(ownJar(cache).toString());
      classPath.addAll(jars);
      Path archive = cache.resolve("kafka-classes-" + fingerprint(classPath) + ".jsa");
      if (Files.exists(archive)) {
        Files.setLastModifiedTime(archive, FileTime.from(Instant.now()));
      } else {
        deleteUnused(cache);
      }
      return new BrokerArchive(classPath, archive);
    } catch (IOException e) {
      throw new EmbeddedException(
          "cache directory: %s (%s; expected: a writable directory)".formatted(cache, e), e);
    }
  }

  String classPath() {
    return String.join(File.pathSeparator, classPath);
  }

  /** JVM options that use the archive, or make it. */
  List<String> options() {
    String use =
        Files.exists(archive)
            ? "-XX:SharedArchiveFile=" + archive
            : "-XX:ArchiveClassesAtExit=" + fresh;
    return List.of(use, "-Xshare:auto", "-Xlog:cds*=off", "-Xlog:class+path=off");
  }

  /** To be called when the broker has ended: keeps a newly made archive if that end was orderly. */
  void keepIfMade(ServerExit exit) {
    boolean orderly = exit.exitCode() == 0 || exit.exitCode() == 128 + 15;
    try {
      if (!Files.exists(fresh)) {
        return;
      }
      if (orderly) {
        Files.move(fresh, archive, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.delete(fresh);
      }
    } catch (IOException e) {
      // Only a cache: the next broker tries again.
    }
  }

  private static Path ownJar(Path cache) throws IOException {
    MessageDigest digest = sha256();
    List<byte[]> contents = new ArrayList<>();
    for (String name : OWN_FILES) {
      byte[] content = read(name);
      contents.add(content);
      digest.update(content);
    }
    Path jar = cache.resolve("kafka-main-" + shortHex(digest) + ".jar");
    if (Files.exists(jar)) {
      return jar;
    }
    Path unfinished = cache.resolve(Leftovers.unfinished("" + jar.getFileName()));
    try (OutputStream out = Files.newOutputStream(unfinished);
        JarOutputStream entries = new JarOutputStream(out)) {
      for (int i = 0; i < OWN_FILES.size(); i++) {
        entries.putNextEntry(new JarEntry("dev/tocsin/embedded/" + OWN_FILES.get(i)));
        entries.write(contents.get(i));
        entries.closeEntry();
      }
    }
    Files.move(unfinished, jar, StandardCopyOption.ATOMIC_MOVE);
    return jar;
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = BrokerArchive.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + ": not on the class path");
      }
      return in.readAllBytes();
    }
  }

  private static String fingerprint(List<String> classPath) throws IOException {
    MessageDigest digest = sha256();
    StringBuilder text = new StringBuilder(System.getProperty("java.vm.version"));
    text.append(System.getProperty("java.home"));
    for (String entry : classPath) {
      Path file = Path.of(entry);
      text.append(entry);
      if (Files.exists(file)) {
        text.append(Files.size(file)).append(Files.getLastModifiedTime(file));
      }
    }
    digest.update(text.toString().getBytes(StandardCharsets.UTF_8));
    return shortHex(digest);
  }

  private static String shortHex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void deleteUnused(Path cache) throws IOException {
    Instant limit = Instant.now().minus(KEPT_UNUSED);
    try (var files = Files.newDirectoryStream(cache, "kafka-classes-*")) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
