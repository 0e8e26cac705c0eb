package dev.tocsin.app.conformance.cases;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import dev.tocsin.app.conformance.check.Samples;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Client;
import dev.tocsin.app.conformance.probe.Compression;
import dev.tocsin.app.conformance.probe.Target;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is refused for its size must have no other fault. */
class GiantsTest {
  private static final SignalLane PROTOBUF = new SignalLane(Transport.PROTOBUF, Telemetry.TRACES);
  private static final SignalLane JSON = new SignalLane(Transport.JSON, Telemetry.TRACES);
  private static final int SIZE = 100_000;

  private final Vertx vertx = Vertx.vertx();
  private final Session session =
      new Session(
          new Client(vertx, new Target(null, null, List.of(), null, false, 1_000)),
          new Session.Settings(SIZE, 1_000, null),
          new Samples(1_700_000_000_000_000_000L, new SplittableRandom(7)));

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void large_isValid_andAsLongAsItShould() throws Exception {
    byte[] protobuf = Giants.large(session, PROTOBUF, SIZE).bytes();
    assertThat(protobuf).hasSizeGreaterThanOrEqualTo(SIZE);
    assertThat(ExportTraceServiceRequest.parseFrom(protobuf).getResourceSpansCount()).isEqualTo(4);
    byte[] json = Giants.large(session, JSON, SIZE).bytes();
    assertThat(json).hasSizeGreaterThanOrEqualTo(SIZE);
    assertThat(new JsonObject(new String(json, UTF_8)).getJsonArray("resourceSpans")).hasSize(5);
  }

  @Test
  void largeCompressed_inflatesToTheSame() throws Exception {
    Body inflated = Giants.largeCompressed(session, PROTOBUF, Compression.GZIP, SIZE);
    assertThat(inflated.bytes()).hasSizeLessThan(SIZE / 20);
    try (var in = new GZIPInputStream(new ByteArrayInputStream(inflated.bytes()))) {
      assertThat(ExportTraceServiceRequest.parseFrom(in.readAllBytes()).getResourceSpansCount())
          .isEqualTo(4);
    }
  }

  @Test
  void deep_isValid_asDeepAsItSays() throws Exception {
    CodedInputStream in = CodedInputStream.newInstance(Giants.deep(PROTOBUF, 200).bytes());
    boolean unused = in.setRecursionLimit(1_000) > 0;
    var value =
        ExportTraceServiceRequest.parseFrom(in)
            .getResourceSpans(0)
            .getResource()
            .getAttributes(0)
            .getValue();
    int depth = 0;
    while (value.hasArrayValue()) {
      depth++;
      value = value.getArrayValue().getValues(0);
    }
    assertThat(depth).isEqualTo(200);
    JsonObject json = new JsonObject(new String(Giants.deep(JSON, 100).bytes(), UTF_8));
    assertThat(json.encode().split("arrayValue", -1)).hasSize(101);
  }
}
