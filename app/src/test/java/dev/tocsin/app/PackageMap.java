package dev.tocsin.app;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The packages of the suite and which uses which, as a picture and as numbers. As a program it
 * draws the built tree it is started in: {@code PackageMap DIRECTORY FILE}.
 */
final class PackageMap {
  private static final String ROOT = "dev.tocsin.";

  private final SortedMap<String, SortedSet<String>> uses = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> files = new TreeMap<>();

  PackageMap(JavaClasses classes) {
    for (JavaClass type : classes) {
      String from = type.getPackageName();
      JavaClass outer = type;
      while (outer.getEnclosingClass().isPresent()) {
        outer = outer.getEnclosingClass().get();
      }
      if (!outer.getSimpleName().equals("package-info")) {
        files.computeIfAbsent(from, name -> new TreeSet<>()).add(outer.getSimpleName());
      }
      SortedSet<String> used = uses.computeIfAbsent(from, name -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (to.startsWith(ROOT) && !to.equals(from)) {
          used.add(to);
        }
      }
    }
  }

  SortedSet<String> packages() {
    return new TreeSet<>(files.keySet());
  }

  /** How many source files the package has. */
  int files(String name) {
    return files.getOrDefault(name, new TreeSet<>()).size();
  }

  /** How many other packages of the suite the package uses. */
  int fanOut(String name) {
    return uses.getOrDefault(name, new TreeSet<>()).size();
  }

  /** Packages of one module that use each other, however far around; empty when there are none. */
  List<Set<String>> circles() {
    Map<String, Set<String>> reached = new HashMap<>();
    files.keySet().forEach(name -> reached.put(name, reachable(name)));
    List<Set<String>> circles = new ArrayList<>();
    Set<String> done = new HashSet<>();
    for (String name : files.keySet()) {
      Set<String> circle =
          reached.get(name).stream()
              .filter(other -> reached.getOrDefault(other, Set.of()).contains(name))
              .collect(Collectors.toCollection(TreeSet::new));
      if (circle.size() > 1 && done.add(name)) {
        done.addAll(circle);
        circles.add(circle);
      }
    }
    return circles;
  }

  private Set<String> reachable(String from) {
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(uses.getOrDefault(from, new TreeSet<>()));
    while (!open.isEmpty()) {
      String next = open.remove();
      if (seen.add(next)) {
        open.addAll(uses.getOrDefault(next, new TreeSet<>()));
      }
    }
    return seen;
  }

  private static String module(String name) {
    String rest = name.substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  /** One Mermaid picture for each module, with the number of files, and one of all modules. */
  String picture() {
    StringBuilder text = new StringBuilder();
    SortedMap<String, SortedSet<String>> modules = new TreeMap<>();
    files
        .keySet()
        .forEach(name -> modules.computeIfAbsent(module(name), m -> new TreeSet<>()).add(name));
    text.append("Packages: %d. Circles: %s%n%n".formatted(files.size(), circles()));
    text.append("## Modules\n\n```mermaid\ngraph LR\n");
    modules.forEach(
        (module, packages) ->
            packages.stream()
                .flatMap(name -> uses.get(name).stream())
                .map(PackageMap::module)
                .filter(other -> !other.equals(module))
                .distinct()
                .sorted()
                .forEach(other -> text.append("  %s --> %s%n".formatted(module, other))));
    text.append("```\n");
    modules.forEach((module, packages) -> text.append(picture(module, packages)));
    return text.toString();
  }

  private String picture(String module, SortedSet<String> packages) {
    StringBuilder text = new StringBuilder("\n## %s\n\n```mermaid\ngraph LR\n".formatted(module));
    String prefix = ROOT + module;
    for (String name : packages) {
      text.append("  %s[\"%s (%d)\"]%n".formatted(id(name), label(name, prefix), files(name)));
    }
    for (String name : packages) {
      for (String other : uses.get(name)) {
        if (module(other).equals(module)) {
          text.append("  %s --> %s%n".formatted(id(name), id(other)));
        }
      }
    }
    return text.append("```\n").toString();
  }

  private static String id(String name) {
    return name.substring(ROOT.length()).replace('.', '_');
  }

  private static String label(String name, String prefix) {
    return name.equals(prefix) ? "(root)" : name.substring(prefix.length() + 1);
  }

  public static void main(String[] arguments) {
    try (Stream<Path> modules = Files.list(Path.of(arguments[0]))) {
      List<Path> built =
          modules
              .map(module -> module.resolve("target/classes"))
              .filter(Files::isDirectory)
              .sorted()
              .toList();
      JavaClasses classes =
          new ClassFileImporter()
              .withImportOption(new ImportOption.DoNotIncludeTests())
              .importPaths(built);
      Files.writeString(Path.of(arguments[1]), new PackageMap(classes).picture());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
