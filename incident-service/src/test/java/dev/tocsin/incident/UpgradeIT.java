package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.resolved;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database of an older version is taken over in the middle of a night. */
class UpgradeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final GreenMail mail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  private ProviderSink sink;
  private IncidentFixture fixture;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
    mail.start();
    PostgresServer database = Backends.freshDatabase("upgrade");
    try (InputStream dump = UpgradeIT.class.getResourceAsStream("/upgrade/0.1.0.sql")) {
      Backends.execute(database, new String(dump.readAllBytes(), UTF_8));
    }
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

  @Test
  void incidentOfTheOldVersion_isPaged_escalated_andResolved_onceEach() {
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
