package dev.tocsin.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.app.docs.ReferenceFile.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} says of every key what {@code tocsin.toml} says. */
final class ConfigurationReferenceTest {

  @Test
  void document_isWhatIsMadeOfTheReference() throws IOException {
    assertThat(Files.readString(ConfigurationReference.DOCUMENT))
        .as(
            "docs/configuration.md (expected: as ConfigurationReference among app's tests makes it)")
        .isEqualTo(ConfigurationReference.make());
  }

  @Test
  void reference_saysWhatEveryKeyMeans() throws IOException {
    assertThat(rows(Files.readAllLines(ConfigurationReference.SOURCE)))
        .as("keys without a comment above them in tocsin.toml")
        .allSatisfy(row -> assertThat(row.meaning()).as(row.keys().toString()).isNotBlank());
  }

  @Test
  void row_hasTheKeysBelowOneComment() {
    List<Row> rows =
        rows(
            List.of(
                "# ---- where it is ----",
                "[store]",
                "# Where it listens,",
                "# and how.",
                "#host = \"a\"",
                "#port = 1",
                "# Secret.",
                "#key = \"...\"  # example",
                "",
                "#lost = 2"));
    assertThat(rows)
        .extracting(Row::meaning)
        .containsExactly("Where it listens, and how.", "Secret.", "");
    assertThat(rows.get(0).keys())
        .extracting(ReferenceFile.SettingKey::name)
        .containsExactly("host", "port");
    assertThat(rows.get(1).keys())
        .extracting(ReferenceFile.SettingKey::example)
        .containsExactly(true);
  }

  private static List<Row> rows(List<String> lines) {
    return ReferenceFile.parse(lines).chapters().stream()
        .flatMap(chapter -> chapter.sections().stream())
        .flatMap(section -> section.rows().stream())
        .toList();
  }
}
