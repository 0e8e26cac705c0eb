package dev.tocsin.app.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code tocsin} script, in small trees, with a Java and a Maven that only tell. */
final class LauncherTest {
  @TempDir private Path temp;
  private Path tree;
  private Path source;

  @BeforeEach
  void tree() throws Exception {
    script(
        temp.resolve("jdk/bin/java"),
        "echo 'openjdk version \"17.0.1\"' >&2; echo \"java $*\"; locale charmap");
    script(temp.resolve("jdk/bin/javac"), "");
    script(
        temp.resolve("bin/mvn"),
        "[ \"$1\" = -v ] && echo 'Apache Maven 3.9.1' || echo \"[INFO] Building app 1 [1/1]\"");
    tree = launcherIn(temp.resolve("a tree"));
    Files.createFile(tree.resolve("pom.xml"));
    source = tree.resolve("app/src/main/java/A.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "class A {}");
    Files.createFile(tree.resolve("app/pom.xml"));
  }

  private static Path launcherIn(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.copy(
        Path.of("..", "tocsin"), directory.resolve("tocsin"), StandardCopyOption.COPY_ATTRIBUTES);
    return directory;
  }

  private static void script(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(Path directory) throws Exception {
    return run("sh", directory.resolve("tocsin").toString(), "version");
  }

  private String run(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
    builder.environment().remove("LC_CTYPE");
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("PATH", temp.resolve("bin") + ":" + System.getenv("PATH"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void build_saysHowLongItTakes_andHowLongItTook_once() throws Exception {
    assertThat(run(tree))
        .contains("Building Tocsin: about 2 minutes, once", "  1/1  app", "Built in 0 min ")
        .contains("-Dtocsin.data.dir=" + tree.resolve("data"), "dev.tocsin.app.Main version");
    assertThat(run(tree)).doesNotContain("Buil").contains("dev.tocsin.app.Main version");
  }

  @Test
  void librariesOfAnOlderVersion_areGone_onceItIsBuilt() throws Exception {
    Path older = tree.resolve("app/target/lib/common-0.1.0.jar");
    Files.createDirectories(older.getParent());
    Files.createFile(older);
    assertThat(run(tree)).contains("Built in");
    assertThat(older).doesNotExist();
  }

  @Test
  void copiedTree_isNotBuiltAgain() throws Exception {
    assertThat(run(tree)).contains("Built in");
    Path copy = temp.resolve("copy");
    int copied = new ProcessBuilder("cp", "-r", tree.toString(), copy.toString()).start().waitFor();
    assertThat(copied).isZero();
    Files.setLastModifiedTime(
        copy.resolve("app/src/main/java/A.java"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run(copy)).doesNotContain("Buil").contains("dev.tocsin.app.Main version");
  }

  @Test
  void changedAddedOrRemovedSource_isBuiltAgain_whateverItsTime() throws Exception {
    assertThat(run(tree)).contains("Built in");
    Files.writeString(source, "class B {}");
    Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH));
    assertThat(run(tree)).contains("Building Tocsin again, as its sources have changed", "Built");
    Path added = Files.createFile(source.resolveSibling("C.java"));
    assertThat(run(tree)).contains("Built in");
    Files.delete(added);
    assertThat(run(tree)).contains("Built in");
    assertThat(run(tree)).doesNotContain("Buil");
  }

  /** The environment of these runs is that of LANG=C. */
  @Test
  void argumentsAndFileNames_mayHaveUmlauts_alsoUnderLangC() throws Exception {
    assertThat(run(tree)).contains("-Dfile.encoding=UTF-8").endsWith("UTF-8\n");
  }

  @Test
  void release_needsNoMavenAndNoSources_andKeepsItsDataWithTheUser() throws Exception {
    Path release = launcherIn(temp.resolve("tocsin-1.0"));
    Files.createDirectories(release.resolve("lib"));
    Files.delete(temp.resolve("bin/mvn"));
    Files.delete(temp.resolve("jdk/bin/javac"));
    assertThat(run(release))
        .doesNotContain("Buil", "tocsin.data.dir")
        .contains("-cp " + release.resolve("lib") + "/* dev.tocsin.app.Main version");
  }

  @Test
  void archive_holdsLauncherAndJars_andStartsWhereItIsUnpacked() throws Exception {
    assertThat(run(tree)).contains("Built in");
    Files.createDirectories(tree.resolve("deploy"));
    Files.copy(Path.of("..", "deploy", "release"), tree.resolve("deploy/release"));
    for (String name : List.of("tocsin.toml", "LICENSE", "NOTICE", "README.md", "CHANGELOG.md")) {
      Files.copy(Path.of("..", name), tree.resolve(name));
    }
    Files.createDirectories(tree.resolve("docs"));
    Files.createFile(tree.resolve("docs/faq.md"));
    script(temp.resolve("jdk/bin/java"), "echo 'openjdk version \"17.0.1\"' >&2; echo tocsin 1.0");
    Files.createDirectories(tree.resolve("app/target/lib"));
    Files.createFile(tree.resolve("app/target/lib/common.jar"));
    Files.createFile(tree.resolve("app/target/app-1.0.jar"));
    assertThat(run("sh", tree.resolve("deploy/release").toString()))
        .contains("target/tocsin-1.0.tar.gz (0 MiB)");
    String archive = tree.resolve("target/tocsin-1.0.tar.gz").toString();
    assertThat(run("tar", "-xzf", archive, "-C", temp.toString())).isEmpty();
    Path unpacked = temp.resolve("tocsin-1.0");
    assertThat(unpacked.resolve("lib/app-1.0.jar")).exists();
    assertThat(unpacked.resolve("lib/common.jar")).exists();
    assertThat(run(unpacked)).contains("tocsin 1.0").doesNotContain("Buil");
  }
}
