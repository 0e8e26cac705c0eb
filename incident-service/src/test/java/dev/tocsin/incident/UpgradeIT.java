package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A database of an older version is taken over in the middle of a night. */
class UpgradeIT {
  private static final Path DUMPS = Path.of("src/test/resources/upgrade");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final GreenMail mail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  private ProviderSink sink;
  private IncidentFixture fixture;

  static List<String> versions() throws IOException {
    try (Stream<Path> dumps = Files.list(DUMPS)) {
      return dumps.map(dump -> dump.getFileName().toString()).sorted().toList();
    }
  }

  private void restore(String version) throws IOException {
    sink = new ProviderSink();
    mail.start();
    PostgresServer database = Backends.freshDatabase("upgrade");
    Backends.execute(database, Files.readString(DUMPS.resolve(version)));
    fixture =
        new IncidentFixture(
            database,
            Map.of(
                "slack.webhook_url", sink.url("/slack/secret"),
                "email.smtp_host", "127.0.0.1",
                "email.smtp_port", Integer.toString(mail.getSmtp().getPort()),
                "email.from", "tocsin@example.com",
                "email.to", "oncall@example.com"));
  }

  @AfterEach
  void stop() {
    fixture.close();
    mail.stop();
    sink.close();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void incidentOfTheOldVersion_isPaged_escalated_andResolved_onceEach(String version)
      throws IOException {
    restore(version);
    fixture.start();
    await().atMost(PATIENCE).until(() -> mail.getReceivedMessages().length == 1);
    await().atMost(PATIENCE).until(() -> slack().size() == 1);
    assertThat(slack().get(0).getString("text")).contains("high_error_rate of checkout");
    fixture.publish(resolved("upgraded"));
    await().atMost(PATIENCE).until(() -> mail.getReceivedMessages().length == 2);
    await().atMost(PATIENCE).until(() -> slack().size() == 2);
    assertThat(fixture.incident(1).getString("status")).isEqualTo("resolved");
    assertThat(fixture.incident(2).getString("status")).isEqualTo("resolved");
    assertThat(fixture.timeline(1)).contains("triggered", "notified", "escalated", "resolved");
    assertThat(fixture.notifications(2)).hasSize(1);
  }

  private List<JsonObject> slack() {
    return sink.bodies("/slack/secret");
  }
}
