package dev.tocsin.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What documents point to is there: files, headings, classes and packages. */
final class DocumentsTest {
  private static final Pattern QUALIFIED =
      Pattern.compile("([a-z][a-z0-9]*)(\\.[a-z][a-z0-9]*)*\\.[A-Z][A-Za-z0-9]*");
  private static final Pattern FULL = Pattern.compile("dev\\.tocsin\\.[a-z.]*[A-Z][A-Za-z0-9]*");
  private static final Pattern TEST_OR_PROGRAM =
      Pattern.compile("\\b[A-Z][A-Za-z0-9]*[a-z](?:Test|IT|Benchmark|Program|Fuzz|Run)\\b");
  private static final Pattern SIMPLE = Pattern.compile("[A-Z][a-z0-9]+[A-Za-z0-9]*");
  private static final Pattern PACKAGE = Pattern.compile("[a-z]+(\\.[a-z]+)+(\\.\\*)?");
  private static final Pattern PATH =
      Pattern.compile("\\.?[A-Za-z][A-Za-z0-9._-]*/[A-Za-z0-9._/-]+");

  /**
   * These two lead newcomers, so each word of theirs that looks like a name of ours must be one.
   */
  private static final Set<String> GUIDES = Set.of("docs/architecture.md", "CONTRIBUTING.md");

  /** Begin names of packages, and of nothing else that guides speak of. */
  private static final Set<String> BEGIN_PACKAGES =
      Set.of("ingest", "storage", "alert", "incident", "console", "notify", "otlp", "segment");

  private static List<MarkdownDocument> documents;
  private static SourceNames sources;

  @BeforeAll
  static void read() throws IOException {
    documents = MarkdownDocument.all();
    sources = new SourceNames(MarkdownDocument.REPOSITORY);
  }

  @Test
  void link_leadsToAFileAndAHeading() {
    Map<Path, MarkdownDocument> known = MarkdownDocument.byFile(documents);
    List<String> broken = new ArrayList<>();
    for (MarkdownDocument document : documents) {
      for (String link : document.links()) {
        if (!link.contains("://")
            && !link.startsWith("mailto:")
            && !resolves(document, link, known)) {
          broken.add(document.name() + ": " + link);
        }
      }
    }
    assertThat(broken).as("links that lead nowhere").isEmpty();
  }

  private static boolean resolves(
      MarkdownDocument from, String link, Map<Path, MarkdownDocument> known) {
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path target = path.isEmpty() ? from.file() : from.file().resolveSibling(path).normalize();
    if (!Files.exists(target)) {
      return false;
    }
    MarkdownDocument document = known.get(target);
    return hash < 0 || (document != null && document.anchors().contains(link.substring(hash + 1)));
  }

  @Test
  void className_isThatOfAClass() {
    List<String> unknown = new ArrayList<>();
    for (MarkdownDocument document : documents) {
      for (String code : document.code()) {
        boolean ours =
            QUALIFIED.matcher(code).matches()
                && sources.isPackageWord(code.substring(0, code.indexOf('.')));
        if (ours && !sources.hasClass(code)) {
          unknown.add(document.name() + ": " + code);
        }
      }
      // Commands name classes too, so blocks of code are looked through as well.
      Stream.of(FULL, TEST_OR_PROGRAM)
          .flatMap(pattern -> pattern.matcher(document.text()).results())
          .filter(name -> !sources.hasClass(name.group()))
          .forEach(name -> unknown.add(document.name() + ": " + name.group()));
    }
    assertThat(unknown).as("classes that are named and are not there").isEmpty();
  }

  @Test
  void guide_namesWhatIsThere() {
    List<String> unknown = new ArrayList<>();
    for (MarkdownDocument document : documents) {
      if (GUIDES.contains(document.name())) {
        document.code().stream()
            .filter(code -> !isThere(code))
            .forEach(code -> unknown.add(document.name() + ": " + code));
      }
    }
    assertThat(unknown).as("classes, packages and files that are named and not there").isEmpty();
  }

  private static boolean isThere(String code) {
    if (SIMPLE.matcher(code).matches()) {
      return sources.hasClass(code);
    }
    if (PACKAGE.matcher(code).matches()
        && BEGIN_PACKAGES.contains(code.substring(0, code.indexOf('.')))) {
      return sources.hasPackage(code.replaceAll("\\.\\*$", ""));
    }
    return !PATH.matcher(code).matches() || Files.exists(MarkdownDocument.REPOSITORY.resolve(code));
  }
}
