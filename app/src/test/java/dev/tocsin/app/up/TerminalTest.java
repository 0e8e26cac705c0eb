package dev.tocsin.app.up;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class TerminalTest {
  @Test
  void controlCharactersOfAnIncident_areShown_notObeyed() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(new PrintStream(out, true, UTF_8), Ansi.OFF, () -> Instant.EPOCH);
    terminal.event("bold", "incident #1", "a\u001b[2J\u0007\nb \u009b2J ü");
    assertThat(out.toString(UTF_8))
        .endsWith("incident #1  a\\u001b[2J\\u0007\\u000ab \\u009b2J ü" + System.lineSeparator());
  }
}
