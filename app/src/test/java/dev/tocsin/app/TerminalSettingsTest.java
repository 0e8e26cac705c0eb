package dev.tocsin.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

final class TerminalSettingsTest {
  @TempDir private Path temp;

  @Test
  void umlauts_areShown_alsoUnderLangC() throws Exception {
    Files.writeString(temp.resolve("a.toml"), "[email]\nsmtp_host = \"m\"\nto = [\"grün\"]\n");
    RealCommand run =
        RealCommand.in(temp, Map.of("LC_ALL", "C"), "up", "--check-config", "--config", "a.toml");
    assertThat(run.err()).startsWith("tocsin: email.to: grün (expected: ").doesNotContain("?");
  }

  /** CLICOLOR_FORCE stands for a terminal: the output of tests is none. */
  @Test
  void dumbTerminal_getsNoEscapeCodes() throws Exception {
    Map<String, String> colours = Map.of("CLICOLOR_FORCE", "1", "TERM", "xterm");
    assertThat(RealCommand.in(temp, colours, "--help").out()).contains("\u001b[");
    Map<String, String> dumb = Map.of("CLICOLOR_FORCE", "1", "TERM", "dumb");
    assertThat(RealCommand.in(temp, dumb, "--help").out())
        .contains("conformance")
        .doesNotContain("\u001b", "\r");
  }

  @Test
  void help_fits80Columns() {
    assertFits(TocsinCommandLine.create());
  }

  private static void assertFits(CommandLine command) {
    assertThat(command.getUsageMessage(Ansi.OFF).lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    command.getSubcommands().values().forEach(TerminalSettingsTest::assertFits);
  }
}
