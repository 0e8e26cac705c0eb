package dev.tocsin.common.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Names come from telemetry and stand in logs that people read on terminals. */
class TextLogTest {
  /** A process that logs. */
  static final class Logging {
    private Logging() {}

    public static void main(String[] arguments) {
      LoggerFactory.getLogger("test")
          .info("a\u001b[31mred\u0007\u009b2J", new IllegalStateException("b\u001b]0;x"));
    }
  }

  @Test
  void controlCharacters_areShown_notObeyed() throws Exception {
    ProcessBuilder logging =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Logging.class.getName());
    logging.environment().put("TOCSIN_LOG_FORMAT", "text");
    Process process = logging.redirectErrorStream(true).start();
    String logged = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(logged)
        .contains("test - a\\u001b[31mred\\ufffd\\ufffd2J\n")
        .contains("IllegalStateException: b\\u001b]0;x\n\tat ")
        .doesNotContain("\u001b");
  }
}
