package dev.tocsin.incident.notify.pagerduty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.http.OutboundGuard;
import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.incident.Messages;
import dev.tocsin.incident.ProviderSink;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PagerDutyNotifierTest {
  private final Vertx vertx = Vertx.vertx();
  private ProviderSink sink;
  private PagerDutyNotifier notifier;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
    sink.standing(202, "{\"status\":\"success\",\"dedup_key\":\"tocsin/f/1\"}");
    OutboundHttp http =
        OutboundHttp.create(
            vertx,
            OutboundGuard.create(vertx, List.of("127.0.0.1")),
            new HttpClientOptions(),
            Duration.ofSeconds(10));
    notifier =
        new PagerDutyNotifier(
            new PagerDutyConfig(new Secret("routing-key"), URI.create(sink.url("/v2/enqueue"))),
            http,
            InstantSource.system());
  }

  @AfterEach
  void stop() throws Exception {
    sink.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Outcome send(Message message) throws Exception {
    return notifier
        .send(message)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void trigger_holdsWhatTheEventsApiRequires() {
    JsonObject body = notifier.body(Messages.of(Transition.TRIGGERED));
    assertThat(body.getString("routing_key")).isEqualTo("routing-key");
    assertThat(body.getString("event_action")).isEqualTo("trigger");
    assertThat(body.getString("dedup_key")).isEqualTo("tocsin/f/1");
    JsonObject payload = body.getJsonObject("payload");
    assertThat(payload.getString("summary")).isEqualTo("[INC-42] 5 % of <checkout> & more fail");
    assertThat(payload.getString("source")).isEqualTo("checkout");
    assertThat(payload.getString("severity")).isEqualTo("critical");
    assertThat(payload.getString("timestamp")).isEqualTo("2026-11-23T01:00:00Z");
    assertThat(payload.getJsonObject("custom_details").getString("value")).isEqualTo("0.07");
    assertThat(body.getJsonArray("links").getJsonObject(0).getString("href"))
        .isEqualTo("https://tocsin.example.com/rules");
  }

  @Test
  void acknowledgeAndResolve_nameTheSameAlert_andNothingElse() {
    for (Transition transition : List.of(Transition.ACKNOWLEDGED, Transition.RESOLVED)) {
      JsonObject body = notifier.body(Messages.of(transition));
      assertThat(body.fieldNames())
          .containsExactlyInAnyOrder("routing_key", "event_action", "dedup_key");
      assertThat(body.getString("dedup_key")).isEqualTo("tocsin/f/1");
    }
  }

  @Test
  void severity_isOneOfFour() {
    assertThat(List.of("critical", "Page", "warn", "info", "error", "", "odd"))
        .extracting(PagerDutyNotifier::severity)
        .containsExactly("critical", "critical", "warning", "info", "error", "error", "error");
  }

  @Test
  void details_areLeftOut_whenTheEventIsTooLarge() throws Exception {
    Message large =
        Messages.of(Transition.TRIGGERED, "large", Map.of("stack", "x".repeat(600 << 10)));
    assertThat(send(large)).isInstanceOf(Outcome.Accepted.class);
    JsonObject details =
        sink.bodies("/v2/enqueue").get(0).getJsonObject("payload").getJsonObject("custom_details");
    assertThat(details.getString("error")).startsWith("left out: the event was ");
  }

  @Test
  void answers_areClassified() throws Exception {
    Message message = Messages.of(Transition.TRIGGERED);
    assertThat(send(message)).isInstanceOf(Outcome.Accepted.class);
    sink.standing(400, "{\"status\":\"invalid event\"}");
    assertThat(send(message))
        .isEqualTo(
            new Outcome.Rejected(Reason.REJECTED, "HTTP 400 {\"status\":\"invalid event\"}", true));
    sink.standing(429, "");
    assertThat(send(message)).isEqualTo(new Outcome.Retry(Reason.RATE_LIMITED, "HTTP 429 "));
    sink.standing(502, "");
    assertThat(send(message)).isEqualTo(new Outcome.Retry(Reason.PROVIDER_ERROR, "HTTP 502 "));
    assertThat(sink.bodies("/v2/enqueue"))
        .extracting(b -> b.getString("dedup_key"))
        .containsOnly("tocsin/f/1");
  }
}
