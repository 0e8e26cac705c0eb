package dev.tocsin.alert.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.rules.RuleFile;
import dev.tocsin.promql.rules.RuleFileResult;
import dev.tocsin.promql.rules.RuleGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The rule groups that come with the program and from configured files, each as a record of its
 * own. All or nothing: with one problem in one file none is used.
 */
public final class RuleSources {
  /** Groups that come with the program. */
  public static final String DEFAULT = "default";

  /** Groups from configured files. */
  public static final String FILE = "file";

  private static final String SHIPPED = "default-rules.yml";

  private final Map<String, RuleGroupRecord> groups = new LinkedHashMap<>();
  private final Map<String, String> foundIn = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  private RuleSources() {}

  /**
   * Reads everything; blocks on files.
   *
   * @param withDefaults whether the shipped groups are wanted
   * @param patterns files; the last part of a path may hold {@code *} and {@code ?}
   * @return by key
   * @throws ConfigException naming every problem with its file and line
   */
  public static Map<String, RuleGroupRecord> read(boolean withDefaults, List<String> patterns) {
    RuleSources sources = of(withDefaults, patterns);
    if (!sources.problems.isEmpty()) {
      throw new ConfigException(sources.problems);
    }
    return sources.groups;
  }

  /** Every problem that {@link #read} would name, each with its file and line; blocks on files. */
  public static List<String> problems(boolean withDefaults, List<String> patterns) {
    return List.copyOf(of(withDefaults, patterns).problems);
  }

  private static RuleSources of(boolean withDefaults, List<String> patterns) {
    RuleSources sources = new RuleSources();
    if (withDefaults) {
      sources.split(DEFAULT, SHIPPED, shipped());
    }
    for (String pattern : patterns) {
      sources.files(pattern);
    }
    return sources;
  }

  private static String shipped() {
    try (InputStream in = RuleSources.class.getResourceAsStream("/dev/tocsin/alert/" + SHIPPED)) {
      if (in == null) {
        throw new IllegalStateException(SHIPPED + " is not on the class path");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(SHIPPED + " cannot be read", e);
    }
  }

  private void files(String pattern) {
    Path path = Path.of(pattern);
    Path last = path.getFileName();
    boolean wild = last != null && (last.toString().contains("*") || last.toString().contains("?"));
    if (!wild) {
      file(path);
      return;
    }
    Path parent = path.getParent() == null ? Path.of(".") : path.getParent();
    TreeSet<Path> found = new TreeSet<>();
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(parent, last.toString())) {
      matching.forEach(found::add);
    } catch (IOException e) {
      problems.add("alert.rule_files: " + pattern + " (expected: a readable directory)");
    }
    found.forEach(this::file);
  }

  private void file(Path path) {
    try {
      split(FILE, path.toString(), Files.readString(path));
    } catch (IOException e) {
      problems.add("alert.rule_files: " + path + " (expected: a readable file in UTF-8)");
    }
  }

  private void split(String source, String file, String yaml) {
    RuleFileResult result = RuleFile.parse(yaml);
    result.problems().forEach(problem -> problems.add(file + ":" + problem));
    if (!result.ok()) {
      return;
    }
    List<String> lines = yaml.lines().toList();
    List<RuleGroup> parsed = result.groups();
    for (int i = 0; i < parsed.size(); i++) {
      RuleGroup group = parsed.get(i);
      int end = i + 1 < parsed.size() ? parsed.get(i + 1).line() - 1 : lines.size();
      String alone = "groups:\n" + String.join("\n", lines.subList(group.line() - 1, end)) + "\n";
      add(source, file, group, alone);
    }
  }

  private void add(String source, String file, RuleGroup group, String alone) {
    String where = file + ":" + group.line();
    Optional<String> unsound = RuleGroups.problem(group);
    if (unsound.isPresent()) {
      problems.add(where + ": group " + group.name() + ": " + unsound.get());
      return;
    }
    RuleFileResult again = RuleFile.parse(alone);
    boolean whole =
        again.ok()
            && again.groups().size() == 1
            && again.groups().get(0).rules().size() == group.rules().size();
    if (!whole) {
      problems.add(
          where
              + ": group "
              + group.name()
              + " does not stand on lines of its own (expected: one \"- name:\" block for each)");
      return;
    }
    String key = source + "/" + group.name();
    String other = foundIn.put(key, where);
    if (other != null) {
      problems.add(where + ": group " + group.name() + " is already defined in " + other);
      return;
    }
    groups.put(key, new RuleGroupRecord(key, source, alone));
  }
}
