package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.config.Units;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code tocsin.toml} at the root of the repository to what the services really read. */
final class ReferenceConfigTest {
  private static final Path REFERENCE = Path.of("..", "tocsin.toml");
  private static final Pattern KEY = Pattern.compile("#([a-z_]+) = (.*?)( +# example)?");

  /** What stands for a key in the file; an example shows a key without a default. */
  private record Shown(String value, boolean example) {}

  private static Map<String, Shown> shown() throws Exception {
    Map<String, Shown> all = new TreeMap<>();
    String section = "";
    boolean repeatable = false;
    for (String line : Files.readAllLines(REFERENCE)) {
      Matcher key = KEY.matcher(line);
      if (line.startsWith("[") || line.startsWith("#[[")) {
        section = line.replaceAll("[\\[\\]#]", "");
        repeatable = line.startsWith("#[[");
      } else if (key.matches() && !repeatable) {
        all.put(section + "." + key.group(1), new Shown(key.group(2), key.group(3) != null));
      }
    }
    return all;
  }

  private static Map<String, String> declared() {
    Settings settings = Settings.of(Map.of());
    UpConfig.from(settings);
    PortPlan.of(settings, 0);
    Suite.declare(settings);
    return new TreeMap<>(settings.declared());
  }

  /** Texts as Settings sees them, durations and sizes in one unit each. */
  private static String plain(String value) {
    String text = value;
    if (text.startsWith("[")) {
      text =
          Arrays.stream(text.substring(1, text.length() - 1).split(", "))
              .map(ReferenceConfigTest::unquote)
              .collect(Collectors.joining(","));
    } else {
      text = unquote(text);
    }
    String unquoted = text;
    return Units.duration(unquoted)
        .map(duration -> duration.toMillis() + " ms")
        .or(() -> Units.bytes(unquoted).map(bytes -> bytes + " bytes"))
        .orElse(unquoted);
  }

  private static String unquote(String text) {
    return text.replaceAll("^\"|\"$", "");
  }

  @Test
  void reference_listsEveryKeyAndNoOther() throws Exception {
    assertThat(shown().keySet()).containsExactlyElementsOf(declared().keySet());
  }

  @Test
  void reference_showsTheDefaults() throws Exception {
    Map<String, String> declared = declared();
    shown()
        .forEach(
            (key, shown) -> {
              String expected = shown.example ? "" : plain(shown.value);
              assertThat(plain(declared.get(key))).as(key).isEqualTo(expected);
            });
  }

  @Test
  void reference_isAccepted_withEveryLineSwitchedOn(@TempDir Path temp) throws Exception {
    String on =
        Files.readAllLines(REFERENCE).stream()
            // A secret is given once: directly, not also as a file that is not there.
            // The default of starttls is for mail without a password, which the examples have.
            .filter(line -> !line.contains("_file = ") && !line.startsWith("#starttls"))
            .map(
                line ->
                    KEY.matcher(line).matches() || line.startsWith("#[[")
                        ? line.substring(1)
                        : line)
            .collect(Collectors.joining("\n"));
    Path file = Files.writeString(temp.resolve("tocsin.toml"), on);
    // The example of alert.rule_files: it is read.
    Files.createDirectory(temp.resolve("rules"));
    Files.writeString(temp.resolve("rules").resolve("shop.yml"), "groups: []\n");
    Settings settings = Settings.load(file, Map.of(), Map.of());
    UpConfig.from(settings);
    PortPlan.of(settings, 0);
    Suite.declare(settings);
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }
}
