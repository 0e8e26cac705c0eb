package dev.tocsin.app.docs;

import dev.tocsin.app.docs.ReferenceFile.Chapter;
import dev.tocsin.app.docs.ReferenceFile.Row;
import dev.tocsin.app.docs.ReferenceFile.Section;
import dev.tocsin.app.docs.ReferenceFile.SettingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes {@code docs/configuration.md} from {@code tocsin.toml}, whose keys and defaults {@code
 * ReferenceConfigTest} holds to the code. As a program, started in the module {@code app}, it
 * writes the file.
 */
final class ConfigurationReference {
  static final Path SOURCE = MarkdownDocument.REPOSITORY.resolve("tocsin.toml");
  static final Path DOCUMENT = MarkdownDocument.REPOSITORY.resolve("docs/configuration.md");

  private static final Pattern DOCUMENT_NAME =
      Pattern.compile("(?<![/\\w])((?:[a-z-]+/)+[A-Za-z-]+\\.md)(#[a-z-]+)?");

  private static final String HEAD =
      """
      # Configuration

      Every key of every service. This file is made from [`tocsin.toml`](../tocsin.toml), and a test holds both to the code: change that file,
      then run `ConfigurationReference` among the tests of `app`.

      - One file serves all services; each reads the sections it needs: `./tocsin up --config tocsin.toml`.
      - An environment variable wins over the file: `TOCSIN_<SECTION>_<KEY>`, such as `TOCSIN_SLACK_WEBHOOK_URL` for `slack.webhook_url` and
        `TOCSIN_INGEST_TLS_CERT_FILE` for `ingest.tls.cert_file`. Lists are separated by commas there. Tables that may be there several times
        (`[[ingest.drop]]`) come from the file only.
      - A secret can stand in a file of its own: `<key>_file`.
      - Durations: `250ms`, `30s`, `5m`, `1h`, `7d`. Sizes: `512KiB`, `64MiB`, `2GiB`, or plain bytes.
      - An unknown key or a value that cannot be used is refused at the start, all of them at once and with a hint.
      - `–` stands for no default.
      """;

  private ConfigurationReference() {}

  static String make() throws IOException {
    StringBuilder text = new StringBuilder(HEAD);
    for (Chapter chapter : ReferenceFile.parse(Files.readAllLines(SOURCE)).chapters()) {
      text.append("\n## ").append(capitalised(chapter.title())).append('\n');
      chapter.sections().forEach(section -> append(text, section));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Section section) {
    String name = section.repeatable() ? "[[%s]]" : "[%s]";
    text.append("\n### `").append(name.formatted(section.name())).append("`\n\n");
    if (!section.meaning().isEmpty()) {
      text.append(prose(section.meaning())).append("\n\n");
    }
    if (!section.rows().isEmpty()) {
      text.append("| key | default | meaning |\n|---|---|---|\n");
      section.rows().forEach(row -> text.append(line(row)));
    }
  }

  private static String line(Row row) {
    return "| %s | %s | %s |%n"
        .formatted(
            listed(row.keys(), SettingKey::name),
            row.keys().stream()
                .map(key -> key.example() ? "–" : code(key.value()))
                .collect(Collectors.joining(", ")),
            prose(row.meaning()) + example(row.keys()));
  }

  /** What keys without a default could be; a secret of three dots shows nothing. */
  private static String example(List<SettingKey> keys) {
    String shown =
        listed(
            keys.stream().filter(key -> key.example() && !key.value().equals("\"...\"")).toList(),
            key -> key.name() + " = " + key.value());
    return shown.isEmpty() ? "" : " Example: " + shown;
  }

  private static String listed(List<SettingKey> keys, Function<SettingKey, String> part) {
    return keys.stream()
        .map(part)
        .map(ConfigurationReference::code)
        .collect(Collectors.joining(", "));
  }

  private static String code(String value) {
    return "`" + value.replace("|", "\\|") + "`";
  }

  /** A meaning as it stands in a cell, documents that it names being links. */
  private static String prose(String meaning) {
    return DOCUMENT_NAME
        .matcher(meaning.replace("|", "\\|"))
        .replaceAll(found -> "[" + found.group(1) + "](../" + found.group() + ")");
  }

  private static String capitalised(String title) {
    return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
  }

  public static void main(String[] arguments) throws IOException {
    Files.writeString(DOCUMENT, make());
  }
}
