package dev.tocsin.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The jars that the broker needs, out of this JVM's class path: recognised by artifact name, from a
 * list made by the build. When some cannot be told apart, as in a shaded jar, the whole class path.
 */
final class BrokerClassPath {
  private static final Pattern JAR = Pattern.compile("(.+?)-\\d[^/]*\\.jar");

  private BrokerClassPath() {}

  static List<String> find() {
    List<String> all =
        List.of(System.getProperty("java.class.path", "").split(File.pathSeparator, -1));
    return select(all, artifacts());
  }

  static List<String> select(List<String> all, Set<String> artifacts) {
    Set<String> missing = new LinkedHashSet<>(artifacts);
    List<String> selected = new ArrayList<>();
    for (String entry : all) {
      Matcher jar = JAR.matcher(new File(entry).getName());
      if (jar.matches() && artifacts.contains(jar.group(1))) {
        selected.add(new File(entry).getAbsolutePath());
        missing.remove(jar.group(1));
      }
    }
    return missing.isEmpty() ? List.copyOf(selected) : all;
  }

  private static Set<String> artifacts() {
    try (InputStream in = BrokerClassPath.class.getResourceAsStream("broker-class-path.txt")) {
      if (in == null) {
        throw new IOException("missing");
      }
      Set<String> names = new LinkedHashSet<>();
      for (String path : new String(in.readAllBytes(), StandardCharsets.UTF_8).split(":")) {
        names.add(path.strip().replaceFirst("^\\./", "").replaceFirst("\\.jar$", ""));
      }
      return names;
    } catch (IOException e) {
      throw new EmbeddedException("broker-class-path.txt: cannot be read from the class path", e);
    }
  }
}
