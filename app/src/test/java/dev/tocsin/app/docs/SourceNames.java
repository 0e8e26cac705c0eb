package dev.tocsin.app.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which classes and packages the repository has, read from its source files. */
final class SourceNames {
  private static final Pattern SOURCE =
      Pattern.compile(".*/src/(?:main|test)/java/(dev/tocsin/.*)/([A-Za-z]+)\\.java");
  private static final Pattern DECLARED =
      Pattern.compile("(?:class|record|interface|enum|@interface) ([A-Z][A-Za-z0-9]*)");

  /** {@code dev.tocsin.a.B}, and each name that leaves out packages in front of it. */
  private final Set<String> classes = new HashSet<>();

  private final Set<String> packages = new HashSet<>();
  private final Set<String> words = new HashSet<>();

  SourceNames(Path repository) throws IOException {
    try (Stream<Path> files = Files.walk(repository)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher source = SOURCE.matcher(file.toString());
        if (source.matches()) {
          String in = source.group(1).replace('/', '.');
          addWithSuffixes(packages, in);
          addWithSuffixes(classes, in + "." + source.group(2));
          words.addAll(List.of(in.split("\\.", -1)));
          nested(Files.readString(file));
        }
      }
    }
  }

  private void nested(String text) {
    DECLARED.matcher(text).results().forEach(declared -> classes.add(declared.group(1)));
  }

  private static void addWithSuffixes(Set<String> names, String name) {
    names.add(name);
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      names.add(name.substring(dot + 1));
    }
  }

  /** Whether there is such a class; packages in front may be left out. */
  boolean hasClass(String name) {
    return classes.contains(name);
  }

  /**
   * Whether there is such a package, or packages below that name; those in front may be left out.
   */
  boolean hasPackage(String name) {
    return packages.contains(name)
        || packages.stream().anyMatch(other -> other.startsWith(name + "."));
  }

  /** Whether some package has this word in its name, so that a name beginning so may be meant. */
  boolean isPackageWord(String word) {
    return words.contains(word);
  }
}
