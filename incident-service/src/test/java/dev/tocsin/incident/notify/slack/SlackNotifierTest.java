package dev.tocsin.incident.notify.slack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.http.OutboundGuard;
import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.incident.Messages;
import dev.tocsin.incident.ProviderSink;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import dev.tocsin.incident.ports.Outcome.Reason;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlackNotifierTest {
  private final Vertx vertx = Vertx.vertx();
  private ProviderSink sink;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
  }

  @AfterEach
  void stop() throws Exception {
    sink.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Notifier notifier(List<String> allowHosts) {
    OutboundHttp http =
        OutboundHttp.create(
            vertx,
            OutboundGuard.create(vertx, allowHosts),
            new HttpClientOptions(),
            Duration.ofSeconds(10));
    return new SlackNotifier(
        URI.create(sink.url("/services/T0/B0/secret")), http, InstantSource.system());
  }

  private Outcome send(List<String> allowHosts) throws Exception {
    return notifier(allowHosts)
        .send(Messages.of(Transition.TRIGGERED))
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private Outcome answered(int status, String body, Map<String, String> headers) throws Exception {
    sink.script(new ProviderSink.Reply(status, body, headers));
    return send(List.of("127.0.0.1"));
  }

  @Test
  void page_holdsTextAndBlocks_escaped() {
    JsonObject body = SlackNotifier.body(Messages.of(Transition.ESCALATED));
    assertThat(body.getString("text"))
        .contains("Escalated to step 2: [INC-42] 5 % of &lt;checkout&gt; &amp; more fail");
    assertThat(body.getJsonArray("blocks").encode())
        .contains("more than &lt;5 %&gt; fail")
        .contains("service = checkout")
        .contains("notification 7");
  }

  @Test
  void update_saysWhoAndWhy() {
    JsonObject body = SlackNotifier.body(Messages.of(Transition.ACKNOWLEDGED));
    assertThat(body.encode()).contains("Acknowledged by Ada &lt;x&gt;").contains("see &amp; wait");
  }

  @Test
  void blocks_stayWithinSlacksLimits_whateverTheAlertHolds() {
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      labels.put("label_" + i, "<&>".repeat(1_000));
    }
    Message large = Messages.of(Transition.TRIGGERED, "<".repeat(5_000), labels);
    JsonObject body = SlackNotifier.body(large);
    assertThat(body.getString("text").length()).isLessThanOrEqualTo(40_000);
    for (Object block : body.getJsonArray("blocks")) {
      JsonObject text = ((JsonObject) block).getJsonObject("text");
      if (text != null) {
        int max = text.getString("type").equals("plain_text") ? 150 : 3_000;
        assertThat(text.getString("text").length()).isBetween(1, max);
      }
    }
  }

  @Test
  void answers_areClassified() throws Exception {
    assertThat(answered(200, "ok", Map.of())).isEqualTo(new Outcome.Accepted("HTTP 200 ok"));
    assertThat(answered(429, "", Map.of("Retry-After", "30")))
        .isEqualTo(new Outcome.Retry(Reason.RATE_LIMITED, "HTTP 429 ", Duration.ofSeconds(30)));
    assertThat(answered(500, "", Map.of()))
        .isEqualTo(new Outcome.Retry(Reason.PROVIDER_ERROR, "HTTP 500 "));
    assertThat(answered(400, "invalid_payload", Map.of()))
        .isEqualTo(new Outcome.Rejected(Reason.REJECTED, "HTTP 400 invalid_payload", true));
    assertThat(answered(403, "invalid_token", Map.of()))
        .isEqualTo(new Outcome.Rejected(Reason.UNAUTHORIZED, "HTTP 403 invalid_token"));
    assertThat(answered(410, "channel_is_archived", Map.of())).isInstanceOf(Outcome.Rejected.class);
    assertThat(sink.received().get(0).contentType()).startsWith("application/json");
  }

  @Test
  void redirect_isRefused() throws Exception {
    Map<String, String> away = Map.of("Location", "http://169.254.169.254/latest/meta-data");
    assertThat(answered(302, "", away)).isInstanceOf(Outcome.Rejected.class);
    assertThat(sink.received()).hasSize(1);
  }

  @Test
  void webhookInsideTheNetwork_isRefused_withoutShowingItsPath() throws Exception {
    Outcome outcome = send(List.of());
    assertThat(outcome).isInstanceOf(Outcome.Rejected.class);
    assertThat(outcome.toString()).contains("REFUSED_ADDRESS").doesNotContain("secret");
    assertThat(sink.received()).isEmpty();
  }

  @Test
  void deadServer_isWorthARetry() throws Exception {
    Notifier notifier = notifier(List.of("127.0.0.1"));
    sink.close();
    Outcome outcome =
        notifier
            .send(Messages.of(Transition.TRIGGERED))
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    assertThat(outcome).isInstanceOf(Outcome.Retry.class);
    assertThat(((Outcome.Retry) outcome).reason()).isEqualTo(Reason.NETWORK);
  }
}
