package dev.tocsin.common.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.InputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Names come from telemetry and stand in logs that people read on terminals. */
class TextLogTest {
  @Test
  void controlCharacters_areShown_notObeyed() throws Exception {
    String line = logged("a\u001b[31mred\u0007\u009b2J", new IllegalStateException("b\u001b]0;x"));
    assertThat(line)
        .contains("a\\u001b[31mred\\ufffd\\ufffd2J")
        .contains("IllegalStateException: b\\u001b]0;x")
        .contains("\tat ")
        .doesNotContain("\u001b");
    assertThat(logged("plain", null)).endsWith(" - plain" + System.lineSeparator());
  }

  private static String logged(String message, @Nullable Throwable thrown) throws Exception {
    LoggerContext context = new LoggerContext();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern(pattern());
    layout.start();
    return layout.doLayout(
        new LoggingEvent("test", context.getLogger("test"), Level.INFO, message, thrown, null));
  }

  private static String pattern() throws Exception {
    try (InputStream in = TextLogTest.class.getResourceAsStream("/logback.xml")) {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(in)
          .getElementsByTagName("pattern")
          .item(0)
          .getTextContent();
    }
  }
}
