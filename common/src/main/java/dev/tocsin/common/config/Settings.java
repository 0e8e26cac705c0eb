package dev.tocsin.common.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything the suite is told from outside. A value is looked up in the overrides of the program
 * itself (dotted keys), then in the environment ({@code TOCSIN_<SECTION>_<KEY>}), then in the TOML
 * file, then in the default the reader names. Readers ask for sections and keys; {@link #verify}
 * then reports all problems at once: bad values, and keys nobody asked for.
 *
 * <p>Not thread-safe; used at start-up only.
 */
public final class Settings {
  /** Every section of the suite: one file may hold the sections of services not running here. */
  static final List<String> SECTIONS =
      List.of(
          "kafka",
          "postgres",
          "security",
          "http",
          "ingest",
          "storage",
          "alert",
          "incident",
          "console",
          "slack",
          "email",
          "pagerduty",
          "outbound",
          "telemetry",
          "app");

  private final ObjectNode file;
  private final FilePlaces places;
  private final Map<String, String> env;
  private final Map<String, String> overrides;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Section> sections = new LinkedHashMap<>();
  private final Map<String, String> declared = new TreeMap<>();

  private Settings(
      ObjectNode file, FilePlaces places, Map<String, String> env, Map<String, String> overrides) {
    this.file = file;
    this.places = places;
    this.env = env;
    this.overrides = overrides;
  }

  /**
   * Reads the file, if one is given.
   *
   * @throws ConfigException when the file cannot be read or is no TOML
   */
  public static Settings load(
      @Nullable Path path, Map<String, String> env, Map<String, String> overrides) {
    if (path == null) {
      return new Settings(
          JsonNodeFactory.instance.objectNode(), new FilePlaces(Path.of("")), env, overrides);
    }
    return new Settings(read(path), FilePlaces.beside(path), env, overrides);
  }

  private static ObjectNode read(Path path) {
    if (Files.isDirectory(path)) {
      throw unreadable(path, "is a directory");
    }
    try {
      JsonNode tree = new TomlMapper().readTree(Files.readString(path));
      // A file without any key reads as nothing.
      return tree instanceof ObjectNode table ? table : JsonNodeFactory.instance.objectNode();
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      String what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("not TOML");
      throw new ConfigException(List.of(path + where + ": " + what + " (expected: TOML)"));
    } catch (IOException e) {
      throw unreadable(path, FileFailure.reason(e));
    }
  }

  private static ConfigException unreadable(Path path, String why) {
    return new ConfigException(
        List.of("configuration file " + path + ": " + why + " (expected: a readable TOML file)"));
  }

  /** Settings from dotted keys alone, as tests and the all-in-one process use them. */
  public static Settings of(Map<String, String> overrides) {
    return load(null, Map.of(), overrides);
  }

  /** The table of that name; absent tables read as empty. The same object for the same name. */
  public Section section(String name) {
    if (!SECTIONS.contains(name)) {
      throw new IllegalArgumentException("section " + name + " is not listed in Settings.SECTIONS");
    }
    return sections.computeIfAbsent(
        name, n -> new Section(this, n, file.get(n) instanceof ObjectNode table ? table : null));
  }

  /**
   * To be called when every reader has run.
   *
   * @throws ConfigException naming every bad value and every unknown key
   */
  public void verify() {
    List<String> all = new ArrayList<>(problems);
    file.fieldNames()
        .forEachRemaining(
            name -> {
              if (!SECTIONS.contains(name)) {
                all.add(unknown("section [" + name + "]", name, SECTIONS));
              } else if (!(file.get(name) instanceof ObjectNode)) {
                all.add(name + ": " + file.get(name) + " (expected: a table [" + name + "])");
              }
            });
    sections.values().forEach(section -> section.unknownKeys(all));
    for (String name : env.keySet()) {
      sections.values().forEach(section -> section.unknownVariable(name, all));
    }
    if (!all.isEmpty()) {
      throw new ConfigException(all);
    }
  }

  /** What works but should be changed, one sentence each, of the keys asked for so far. */
  public List<String> warnings() {
    return places.warnings();
  }

  /** Where files are that the configuration file names. */
  FilePlaces places() {
    return places;
  }

  /** Every key asked for so far with its default as text, for the reference configuration. */
  public Map<String, String> declared() {
    return Map.copyOf(declared);
  }

  /** Notes a problem; what several readers find wrong is told once. */
  public void problem(String sentence) {
    if (!problems.contains(sentence)) {
      problems.add(sentence);
    }
  }

  void declare(String dottedKey, String defaultText) {
    declared.put(dottedKey, defaultText);
  }

  @Nullable String override(String dottedKey) {
    return overrides.get(dottedKey);
  }

  @Nullable String variable(String dottedKey) {
    return env.get(variableName(dottedKey));
  }

  static String variableName(String dottedKey) {
    return "TOCSIN_" + dottedKey.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  static String unknown(String what, String name, Iterable<String> known) {
    String best = null;
    int bestDistance = Math.max(2, name.length() / 3) + 1;
    for (String candidate : known) {
      int distance = editDistance(name, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return "unknown " + what + (best == null ? "" : " (did you mean " + best + "?)");
  }

  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitute, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
