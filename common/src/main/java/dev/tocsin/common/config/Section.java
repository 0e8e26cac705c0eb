package dev.tocsin.common.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One table of the configuration. A bad value is noted as a problem and the default returned, so
 * that a reader runs to its end and all problems are reported together.
 */
public final class Section {
  private final Settings settings;
  private final String path;
  private final @Nullable ObjectNode table;
  private final Set<String> asked = new LinkedHashSet<>();
  private final List<Section> children = new ArrayList<>();

  Section(Settings settings, String path, @Nullable ObjectNode table) {
    this.settings = settings;
    this.path = path;
    this.table = table;
  }

  public String string(String key, String fallback) {
    return read(key, fallback, "text", Optional::of, fallback);
  }

  /** Empty when the key is not set. */
  public Optional<String> string(String key) {
    return Optional.ofNullable(raw(key, ""));
  }

  public boolean bool(String key, boolean fallback) {
    return read(
        key,
        Boolean.toString(fallback),
        "true or false",
        text ->
            switch (text) {
              case "true" -> Optional.of(true);
              case "false" -> Optional.of(false);
              default -> Optional.empty();
            },
        fallback);
  }

  public int integer(String key, int fallback, int min, int max) {
    return read(
        key,
        Integer.toString(fallback),
        min + "-" + max,
        text -> parseLong(text).filter(n -> n >= min && n <= max).map(Long::intValue),
        fallback);
  }

  /** A TCP port; 0 lets the system choose. */
  public int port(String key, int fallback) {
    return integer(key, fallback, 0, 65_535);
  }

  public Duration duration(String key, Duration fallback) {
    return read(
        key,
        Units.format(fallback),
        "a duration such as 250ms, 30s or 5m",
        Units::duration,
        fallback);
  }

  /** A size in bytes, written plain or with a unit such as 64MiB. */
  public long bytes(String key, long fallback) {
    return read(key, Long.toString(fallback), "a size such as 512KiB", Units::bytes, fallback);
  }

  public <E extends Enum<E>> E choice(String key, Class<E> type, E fallback) {
    List<String> names =
        Arrays.stream(type.getEnumConstants()).map(e -> e.name().toLowerCase(Locale.ROOT)).toList();
    return read(
        key,
        fallback.name().toLowerCase(Locale.ROOT),
        "one of " + String.join(", ", names),
        text ->
            names.contains(text)
                ? Optional.of(Enum.valueOf(type, text.toUpperCase(Locale.ROOT)))
                : Optional.empty(),
        fallback);
  }

  /** A TOML array of texts; in the environment a comma-separated list. */
  public List<String> strings(String key, List<String> fallback) {
    String text = raw(key, String.join(",", fallback));
    if (text == null) {
      return fallback;
    }
    // Elements of the file are taken one by one: they may have commas in them.
    JsonNode node = table == null ? null : table.get(key);
    if (node != null && node.isArray() && text.equals(fromFile(key))) {
      List<String> elements = new ArrayList<>();
      node.forEach(element -> elements.add(element.asText()));
      return List.copyOf(elements);
    }
    return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /**
   * A file. As the configuration file names it, it is relative to the directory of that file; as
   * the environment does, to the working directory. Empty when the key is not set.
   */
  public Optional<Path> file(String key) {
    return string(key)
        .map(text -> isFromFile(key) ? settings.places().find(name(key), text) : text)
        .map(Path::of);
  }

  /** As {@link #file}, several, whose names may hold {@code *} and {@code ?} in their last part. */
  public List<String> files(String key) {
    List<String> names = strings(key, List.of());
    return isFromFile(key)
        ? names.stream().map(each -> settings.places().find(name(key), each)).toList()
        : names;
  }

  private boolean isFromFile(String key) {
    return settings.override(name(key)) == null && settings.variable(name(key)) == null;
  }

  private String name(String key) {
    return path + "." + key;
  }

  /**
   * A secret, given directly or, better, as a file named by {@code <key>_file}; trailing line ends
   * of the file are dropped. Empty when neither is set.
   */
  public Optional<Secret> secret(String key) {
    String direct = raw(key, "");
    Optional<Path> file = file(key + "_file");
    if (direct != null) {
      return Optional.of(new Secret(direct));
    }
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Secret(Files.readString(file.get()).stripTrailing()));
    } catch (IOException e) {
      problem(key + "_file", file.get().toString(), "a readable file");
      return Optional.empty();
    }
  }

  /** The tables of an array of tables ({@code [[incident.step]]}), in order; empty when absent. */
  public List<Section> tables(String key) {
    asked.add(key);
    List<Section> found = new ArrayList<>();
    JsonNode node = table == null ? null : table.get(key);
    if (node != null && !node.isArray()) {
      settings.problem(path + "." + key + " (expected: [[" + path + "." + key + "]] tables)");
    } else if (node != null) {
      for (JsonNode element : node) {
        String name = path + "." + key + "[" + found.size() + "]";
        found.add(new Section(settings, name, element instanceof ObjectNode o ? o : null));
      }
    }
    children.addAll(found);
    return found;
  }

  /** A table inside this one, such as {@code [ingest.tls]}; reads as empty when absent. */
  public Section table(String key) {
    asked.add(key);
    JsonNode node = table == null ? null : table.get(key);
    if (node != null && !(node instanceof ObjectNode)) {
      settings.problem(path + "." + key + " (expected: a table [" + path + "." + key + "])");
    }
    Section child =
        new Section(settings, path + "." + key, node instanceof ObjectNode o ? o : null);
    children.add(child);
    return child;
  }

  /** Notes that a value that was read cannot be used, for rules that span several keys. */
  public void problem(String key, String value, String expected) {
    settings.problem(path + "." + key + ": " + value + " (expected: " + expected + ")");
  }

  private <T> T read(
      String key,
      String fallbackText,
      String expected,
      Function<String, Optional<T>> parse,
      T fallback) {
    String text = raw(key, fallbackText);
    if (text == null) {
      return fallback;
    }
    Optional<T> value = parse.apply(text);
    if (value.isEmpty()) {
      problem(key, text, expected);
    }
    return value.orElse(fallback);
  }

  private @Nullable String raw(String key, String fallbackText) {
    asked.add(key);
    String dotted = path + "." + key;
    settings.declare(dotted, fallbackText);
    String override = settings.override(dotted);
    if (override != null) {
      return override;
    }
    String variable = settings.variable(dotted);
    return variable != null ? variable : fromFile(key);
  }

  private @Nullable String fromFile(String key) {
    JsonNode node = table == null ? null : table.get(key);
    if (node == null) {
      return null;
    }
    if (node.isArray()) {
      List<String> parts = new ArrayList<>();
      node.forEach(element -> parts.add(element.asText()));
      return String.join(",", parts);
    }
    return node.asText();
  }

  private static Optional<Long> parseLong(String text) {
    try {
      return Optional.of(Long.parseLong(text.replace("_", "")));
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  void unknownKeys(List<String> problems) {
    children.forEach(child -> child.unknownKeys(problems));
    if (table == null) {
      return;
    }
    table
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!asked.contains(key)) {
                problems.add(Settings.unknown("key " + path + "." + key, key, asked));
              }
            });
  }

  void unknownVariable(String name, List<String> problems) {
    String prefix = Settings.variableName(path) + "_";
    if (!name.startsWith(prefix)) {
      return;
    }
    List<String> names = new ArrayList<>();
    variables(names);
    if (!names.contains(name)) {
      problems.add(Settings.unknown("environment variable " + name, name, names));
    }
  }

  private void variables(List<String> names) {
    asked.forEach(key -> names.add(Settings.variableName(path + "." + key)));
    children.forEach(child -> child.variables(names));
  }
}
