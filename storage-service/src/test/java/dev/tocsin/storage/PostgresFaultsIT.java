package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import dev.tocsin.testkit.fault.Direction;
import dev.tocsin.testkit.fault.FaultProxy;
import dev.tocsin.testkit.fault.Passage;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * PostgreSQL behind a network that fails: every span, log record and sample is stored once, the
 * service gets well by itself, and health has said why it was not.
 */
final class PostgresFaultsIT {
  private final List<String> spans = new ArrayList<>();
  private final List<String> bodies = new ArrayList<>();
  private FaultProxy proxy;
  private StorageRig rig;
  private StorageService service;
  private int calls;

  @BeforeEach
  void start() throws Exception {
    PostgresServer postgres = Backends.freshDatabase("postgres-faults");
    proxy = FaultProxy.before(postgres.port());
    rig = new StorageRig("postgres-faults", postgres, 1);
    rig.with("postgres.port", Integer.toString(proxy.port()));
    rig.with("postgres.statement_timeout", "5s");
    service = rig.start();
    // The schema is there, and what is prepared once is prepared.
    sendAll("warm-up");
    everythingIsStoredOnce();
  }

  @AfterEach
  void stop() {
    proxy.heal();
    rig.close();
    proxy.close();
  }

  /** A span, a log record and a sample. */
  private void sendAll(String from) throws Exception {
    sendSpan(from);
    sendLog(from);
    sendSample(from);
  }

  private void sendSpan(String from) throws Exception {
    Span span = Otlp.span(Otlp.id(16), "GET /", Otlp.nowNanos()).build();
    spans.add(HexFormat.of().formatHex(span.getSpanId().toByteArray()));
    send(rig.topics.spans(), Otlp.spans(from, List.of(span)));
  }

  private void sendLog(String from) throws Exception {
    String body = "line " + bodies.size();
    bodies.add(body);
    send(rig.topics.logs(), Otlp.logs(from, List.of(Otlp.log(body, Otlp.nowNanos()).build())));
  }

  private void sendSample(String from) throws Exception {
    calls++;
    // A series each, as two deltas of one may not be of the same millisecond.
    send(rig.topics.metrics(), Otlp.calls(from + calls, "OK", Otlp.nowNanos(), 1));
  }

  private void send(Topic topic, Message value) throws Exception {
    rig.send(topic, 0, value);
  }

  private void everythingIsStoredOnce() throws Exception {
    rig.awaitItems("span_seg", spans.size());
    rig.awaitItems("log_seg", bodies.size());
    // Deltas are added up: one lost or stored twice would show in the sum.
    String query = "/prometheus/api/v1/query?query=sum(traces_calls_total)";
    String sum = "\"" + calls + "\"";
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(() -> assertThat(rig.get(service, query).body()).contains(sum));
    // Each of the series begins with the zero it began at.
    rig.awaitItems("metric_block", 2L * calls);
    assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(spans);
    assertThat(rig.storedLogs())
        .extracting(LogRecord::getBody)
        .extracting(body -> body.getStringValue())
        .containsExactlyInAnyOrderElementsOf(bodies);
  }

  private String health() {
    return rig.get(service, "/health").body();
  }

  private void awaitHealthNamesPostgres() {
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(
            () -> assertThat(health()).contains("Postgres at 127.0.0.1:" + proxy.port()));
  }

  private void awaitWell() {
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(() -> assertThat(health()).contains("Healthy").doesNotContain("egraded"));
  }

  /** As after a failover to another server at the same address: nothing resets what was open. */
  @Test
  void everything_isStoredOnce_whenOpenConnectionsAreDeadWithoutAWord() throws Exception {
    proxy.strand();
    sendAll("stranded");
    everythingIsStoredOnce();
    awaitWell();
  }

  @Test
  void everything_isStoredOnce_whenTheAnswerToItsCommitIsLost() throws Exception {
    String from = Backends.uniqueName("commit");
    loseReply(from, () -> sendSpan(from));
    loseReply(from, () -> sendLog(from));
    loseReply(from, () -> sendSample(from));
    sendAll("after");
    everythingIsStoredOnce();
    awaitWell();
  }

  /** What is sent by a test. */
  private interface Sending {
    void send() throws Exception;
  }

  /** The commit is one statement, which has the service's name as it is. */
  private void loseReply(String from, Sending sending) throws Exception {
    var lost = proxy.loseReplyTo(from);
    sending.send();
    lost.get(StorageRig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void everything_isStoredOnce_whenAnswersAreCutAnywhere() throws Exception {
    for (int bytes = 0; bytes <= 320; bytes += 32) {
      proxy.set(Direction.TO_CLIENT, Passage.CLEAR.cutAfter(bytes));
      sendAll("cut");
      proxy.heal();
    }
    everythingIsStoredOnce();
    awaitWell();
  }

  @Test
  void halfOpenPostgres_isNamed_andEverythingIsStoredOnce_whenItAnswersAgain() throws Exception {
    proxy.halfOpen();
    sendAll("stalled");
    awaitHealthNamesPostgres();
    assertThat(rig.get(service, "/live").statusCode()).isEqualTo(200);
    proxy.heal();
    sendAll("after");
    everythingIsStoredOnce();
    awaitWell();
  }

  @Test
  void halfOpenPostgres_isNamed_andEverythingIsStoredOnce_whenItResets() throws Exception {
    proxy.halfOpen();
    sendAll("stalled");
    awaitHealthNamesPostgres();
    proxy.reset();
    proxy.heal();
    sendAll("after");
    everythingIsStoredOnce();
    awaitWell();
  }

  @Test
  void everything_isStoredOnce_whenPostgresIsFarAway() throws Exception {
    Passage far = Passage.CLEAR.withLatency(Duration.ofMillis(50));
    proxy.set(Direction.TO_SERVER, far);
    proxy.set(Direction.TO_CLIENT, far);
    for (int i = 0; i < 20; i++) {
      sendAll("far");
    }
    everythingIsStoredOnce();
    awaitWell();
  }
}
