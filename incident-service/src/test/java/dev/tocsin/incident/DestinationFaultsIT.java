package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.firing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.fault.Direction;
import dev.tocsin.testkit.fault.FaultProxy;
import dev.tocsin.testkit.fault.Passage;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One destination behind a network that fails, others beside it. A page leaves the others
 * meanwhile, and the ill one when it is well: once where the fault shows that nothing arrived, and
 * under the same identity as often as an answer got lost, which neither side can tell from a lost
 * page.
 */
class DestinationFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final GreenMail mail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  private ProviderSink sink;
  private FaultProxy webhook;
  private FaultProxy smtp;
  private IncidentFixture fixture;
  private IncidentService service;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
    mail.start();
    webhook = FaultProxy.before(sink.port());
    smtp = FaultProxy.before(mail.getSmtp().getPort());
  }

  @AfterEach
  void stop() {
    fixture.close();
    webhook.close();
    smtp.close();
    mail.stop();
    sink.close();
  }

  /** All are asked at nearly the same time: the climb takes 10 ms a step. */
  private void serve(Map<String, String> channels) {
    fixture = new IncidentFixture(Backends.freshDatabase("destination"), channels);
    fixture.with("incident.escalation_timeout", "10ms").with("incident.send_timeout", "500ms");
    service = fixture.start();
  }

  private Map<String, String> illSlack() {
    return Map.of(
        "slack.webhook_url",
        "http://" + webhook.address() + "/slack",
        "pagerduty.routing_key",
        "key",
        "pagerduty.endpoint",
        sink.url("/pagerduty"));
  }

  private Map<String, String> illMail() {
    return Map.of(
        "slack.webhook_url", sink.url("/slack"),
        "email.smtp_host", "127.0.0.1",
        "email.smtp_port", Integer.toString(smtp.port()),
        "email.from", "tocsin@example.com",
        "email.to", "oncall@example.com");
  }

  private List<String> keys() {
    return sink.bodies("/pagerduty").stream().map(body -> body.getString("dedup_key")).toList();
  }

  /** What tells one Slack message from its repetition: incident and notification. */
  private List<String> slackIds() {
    return sink.bodies("/slack").stream()
        .map(body -> body.getJsonArray("blocks"))
        .map(blocks -> blocks.getJsonObject(blocks.size() - 1).getJsonArray("elements"))
        .map(elements -> elements.getJsonObject(0).getString("text"))
        .toList();
  }

  private List<String> mailIds() {
    return Arrays.stream(mail.getReceivedMessages()).map(DestinationFaultsIT::id).toList();
  }

  private static String id(MimeMessage message) {
    try {
      return message.getMessageID();
    } catch (jakarta.mail.MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * GreenMail's threads end with an exception when their connection is reset: no concern of ours.
   */
  private static ConditionFactory soon() {
    return await().dontCatchUncaughtExceptions().atMost(PATIENCE);
  }

  private void awaitAccepted(String channel, long count) {
    String sql =
        "select count(*) from incident.notification where state = 'accepted' and channel = '";
    soon().until(() -> Database.count(fixture.database, sql + channel + "'") == count);
  }

  private String health() {
    return fixture.send(service, "/health", null).body();
  }

  private void awaitHealthNames(String issue) {
    soon().untilAsserted(() -> assertThat(health()).contains("Degraded").containsPattern(issue));
  }

  /** Alerts one after another, the next one when the page of the one before has arrived. */
  private void alertOneByOne(String name, int count, Supplier<List<String>> arrived) {
    for (int i = 0; i < count; i++) {
      int pages = i + 1;
      fixture.publish(firing(name + i));
      soon().until(() -> arrived.get().size() == pages);
    }
  }

  private static String key(String fingerprint) {
    return "tocsin/" + fingerprint + "/" + Alerts.T0.toEpochMilli();
  }

  @Test
  void blackHoledWebhook_isNamedAndLeftAlone_andEachPageArrivesOnce_whenItHeals() {
    serve(illSlack());
    webhook.blackHole();
    alertOneByOne("hole", 5, this::keys);
    assertThat(keys())
        .containsExactly(key("hole0"), key("hole1"), key("hole2"), key("hole3"), key("hole4"));
    awaitHealthNames("slack: the last \\d+ deliveries have failed: timeout: ");
    assertThat(slackIds()).isEmpty();

    webhook.heal();
    awaitAccepted("slack", 5);
    assertThat(slackIds()).hasSize(5).doesNotHaveDuplicates();
    assertThat(keys()).hasSize(5);
    assertThat(health()).doesNotContain("deliveries have failed");
  }

  @Test
  void lostAnswer_repeatsThePageUnderItsId_untilOneComes() {
    Map<String, String> both =
        Map.of(
            "slack.webhook_url", "http://" + webhook.address() + "/slack",
            "pagerduty.routing_key", "key",
            "pagerduty.endpoint", "http://" + webhook.address() + "/pagerduty");
    serve(both);
    webhook.set(Direction.TO_CLIENT, Passage.CLEAR.swallowed());
    fixture.publish(firing("unanswered"));
    soon().until(() -> keys().size() >= 2 && slackIds().size() >= 2);

    webhook.heal();
    awaitAccepted("slack", 1);
    awaitAccepted("pagerduty", 1);
    // PagerDuty drops what has a key it knows; Slack cannot, and people see the id.
    assertThat(keys()).containsOnly(key("unanswered"));
    assertThat(slackIds()).containsOnly(slackIds().get(0));
  }

  @Test
  void mailCutBeforeItsEnd_arrivesOnce_whenTheServerHeals() {
    serve(illMail());
    smtp.set(Direction.TO_SERVER, Passage.CLEAR.cutAfter(400));
    fixture.publish(firing("cut"));
    awaitAccepted("slack", 1);
    String tried = "select count(*) from incident.attempt where reason = 'network'";
    soon().until(() -> Database.count(fixture.database, tried) >= 2);
    assertThat(mailIds()).isEmpty();

    smtp.heal();
    awaitAccepted("email", 1);
    assertThat(mailIds()).hasSize(1);
  }

  @Test
  void mailTakenWithoutAnAnswer_comesAgainUnderItsMessageId() throws Exception {
    serve(illMail());
    CompletableFuture<Void> lost = smtp.loseReplyTo("\r\n.\r\n");
    fixture.publish(firing("taken"));
    lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    awaitAccepted("email", 1);
    assertThat(mailIds()).hasSize(2);
    assertThat(mailIds()).containsOnly(mailIds().get(0));
  }

  @Test
  void deafMailServer_isNamed_holdsUpNobody_andGetsEachMailOnce_whenItHeals() {
    serve(illMail());
    // It greets and then hears nothing.
    smtp.set(Direction.TO_SERVER, Passage.CLEAR.stalled());
    alertOneByOne("half-open", 6, this::slackIds);
    assertThat(slackIds()).doesNotHaveDuplicates();
    // What waits for an answer learns with the reset that none will come.
    soon()
        .until(
            () -> {
              smtp.reset();
              return health().contains("email: the last ");
            });
    assertThat(health()).containsPattern("email: the last \\d+ deliveries have failed: \\w+: ");
    assertThat(mailIds()).isEmpty();

    smtp.heal();
    awaitAccepted("email", 6);
    assertThat(mailIds()).hasSize(6).doesNotHaveDuplicates();
    assertThat(health()).doesNotContain("deliveries have failed");
  }
}
