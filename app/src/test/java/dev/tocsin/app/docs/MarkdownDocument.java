package dev.tocsin.app.docs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Markdown file of the repository: its links, the anchors of its headings, and what stands in
 * backticks. Blocks of code hold examples, so nothing in them counts as a link or a heading.
 */
final class MarkdownDocument {
  /** The repository, seen from the module that runs the tests. */
  static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

  private static final Set<String> NOT_OURS = Set.of("target", ".git", "node_modules", "data");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*)");

  private final Path file;
  private final List<String> prose = new ArrayList<>();
  private final List<String> all;

  MarkdownDocument(Path file) throws IOException {
    this.file = file;
    all = Files.readAllLines(file);
    boolean fenced = false;
    for (String line : all) {
      if (line.strip().startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced) {
        prose.add(line);
      }
    }
  }

  /** Every Markdown file of the repository but those of libraries and of built trees. */
  static List<MarkdownDocument> all() throws IOException {
    List<MarkdownDocument> documents = new ArrayList<>();
    Files.walkFileTree(
        REPOSITORY,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return NOT_OURS.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path found, BasicFileAttributes attributes)
              throws IOException {
            if (found.toString().endsWith(".md")) {
              documents.add(new MarkdownDocument(found));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return documents;
  }

  Path file() {
    return file;
  }

  String name() {
    return REPOSITORY.relativize(file).toString();
  }

  String text() {
    return String.join("\n", all);
  }

  /** Where links lead, as written. */
  List<String> links() {
    List<String> targets = new ArrayList<>();
    for (String line : prose) {
      Matcher link = LINK.matcher(CODE.matcher(line).replaceAll(MarkdownDocument::blank));
      while (link.find()) {
        targets.add(link.group(1));
      }
    }
    return targets;
  }

  /** Code may hold what looks like a link; that of a link's own text has no brackets. */
  private static String blank(MatchResult code) {
    return Matcher.quoteReplacement(code.group().replaceAll("[\\[\\]()]", " "));
  }

  /** What stands in backticks, blocks of code apart. */
  List<String> code() {
    List<String> words = new ArrayList<>();
    for (String line : prose) {
      CODE.matcher(line).results().forEach(code -> words.add(code.group(1)));
    }
    return words;
  }

  /** The anchors that hosts of repositories make of headings. */
  Set<String> anchors() {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : prose) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor = anchor(heading.group(1));
        int before = seen.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }

  static String anchor(String heading) {
    return LINK.matcher(heading.strip())
        .replaceAll(link -> link.group().substring(1, link.group().indexOf(']')))
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  /** Documents by their file, to look up where links lead. */
  static Map<Path, MarkdownDocument> byFile(List<MarkdownDocument> documents) {
    Map<Path, MarkdownDocument> files = new TreeMap<>();
    documents.forEach(document -> files.put(document.file, document));
    return files;
  }
}
