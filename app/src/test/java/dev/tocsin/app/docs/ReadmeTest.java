package dev.tocsin.app.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.tocsin.common.config.Settings;
import dev.tocsin.incident.service.IncidentConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README tells newcomers to write is taken. */
final class ReadmeTest {
  private static final Pattern TOML = Pattern.compile("```toml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern SECRET_FILE = Pattern.compile("\"([a-z]+\\.(?:url|key))\"");
  private static final int LINES_MAX = 120;

  private static String readme;

  @BeforeAll
  static void read() throws IOException {
    readme = Files.readString(MarkdownDocument.REPOSITORY.resolve("README.md"));
  }

  @Test
  void configuration_pagesThroughThreeChannels(@TempDir Path temp) throws IOException {
    Matcher toml = TOML.matcher(readme);
    assertThat(toml.find()).as("a block of toml in README.md").isTrue();
    Path secret =
        Files.writeString(temp.resolve("secret"), "https://hooks.slack.com/services/T/B/X");
    String text =
        SECRET_FILE
            .matcher(toml.group(1))
            .replaceAll(Matcher.quoteReplacement("\"" + secret + "\""));
    Path file = Files.writeString(temp.resolve("tocsin.toml"), text);
    Settings settings = Settings.load(file, Map.of(), Map.of());
    IncidentConfig config = IncidentConfig.from(settings);
    assertThatCode(settings::verify).doesNotThrowAnyException();
    assertThat(config.policy().steps()).hasSize(3);
  }

  @Test
  void testCommand_isWhatCiRuns() throws IOException {
    String ci = Files.readString(MarkdownDocument.REPOSITORY.resolve(".ci/run"));
    assertThat(readme).containsPattern("(?m)^mvn verify ");
    assertThat(ci.stripTrailing()).endsWith("mvn -B -ntp verify");
  }

  @Test
  void readme_isShort() {
    assertThat(readme.lines().count()).isLessThanOrEqualTo(LINES_MAX);
  }
}
