package dev.tocsin.ingest.receive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.FirstCase;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.Warning;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AnswersTest {

  @Test
  void fullSuccess_isAnEmptyMessage() {
    ExportResult all = new ExportResult(5, Map.of(), Map.of(), Map.of());
    assertThat(ExportResponse.protobuf(all)).isEmpty();
    for (Signal signal : Signal.values()) {
      assertThat(json(signal, all)).isEqualTo("{}");
    }
  }

  @Test
  void partialSuccess_namesCountsAndReasons_inTheFieldOfItsSignal() throws Exception {
    ExportResult some =
        new ExportResult(
            5,
            Map.of(Rejection.INVALID_TRACE_ID, 2, Rejection.ITEM_TOO_LARGE, 1),
            Map.of(),
            Map.of());
    var partial =
        ExportProfilesServiceResponse.parseFrom(ExportResponse.protobuf(some)).getPartialSuccess();
    assertThat(partial.getRejectedProfiles()).isEqualTo(3);
    assertThat(partial.getErrorMessage()).contains("2 with an invalid trace id");
    String[] fields = {
      "rejectedSpans", "rejectedDataPoints", "rejectedLogRecords", "rejectedProfiles"
    };
    int at = 0;
    for (Signal signal : Signal.values()) {
      var body = new JsonObject(json(signal, some)).getJsonObject("partialSuccess");
      assertThat(body.getString(fields[at++])).isEqualTo("3");
      assertThat(body.getString("errorMessage")).isEqualTo(partial.getErrorMessage());
    }
  }

  @Test
  void warnings_areAMessageWithoutACount() throws Exception {
    ExportResult warned = new ExportResult(5, Map.of(), Map.of(), Map.of(Warning.ENUM_NAME, ""));
    var response = ExportTraceServiceResponse.parseFrom(ExportResponse.protobuf(warned));
    assertThat(response.getPartialSuccess().getRejectedSpans()).isZero();
    assertThat(response.getPartialSuccess().getErrorMessage())
        .isEqualTo("warning: JSON with enum names (expected: their numbers)");
  }

  /** OTLP 1.11 wants responses limited, to 4 MiB; ours cannot be longer than this. */
  @Test
  void longestResponse_isShort() {
    Map<Rejection, Integer> everything = new HashMap<>();
    Map<Rejection, FirstCase> cases = new HashMap<>();
    Map<Warning, String> warnings = new HashMap<>();
    FirstCase longest =
        new FirstCase("x".repeat(60), "x".repeat(90), "x".repeat(110), "x".repeat(100));
    for (Rejection rejection : Rejection.values()) {
      everything.put(rejection, Integer.MAX_VALUE);
    }
    cases.put(Rejection.TIME_OUTSIDE, longest);
    cases.put(Rejection.END_TIME_OUTSIDE, longest);
    for (Warning warning : Warning.values()) {
      warnings.put(warning, "x".repeat(200));
    }
    ExportResult worst = new ExportResult(0, everything, cases, warnings);
    assertThat(worst.message().length()).isLessThan(4_000);
    assertThat(ExportResponse.protobuf(worst).length).isLessThan(4_100);
    assertThat(json(Signal.LOGS, worst).length()).isLessThan(4_100);
  }

  @Test
  void retryDelays_areSpread_fromTheConfiguredOneToTwiceThat() throws Exception {
    RetryDelay delay = new RetryDelay(1_000, new Random(4));
    var busy = new RefusedException(Reason.OVER_BUDGET, "full");
    Set<Long> seconds = new HashSet<>();
    Set<Long> delays = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      long next = delay.nextMs(busy);
      assertThat(next).isBetween(1_000L, 1_999L);
      delays.add(next);
      seconds.add(RetryDelay.seconds(busy, next));
    }
    assertThat(delays).hasSizeGreaterThan(100);
    assertThat(seconds).containsExactlyInAnyOrder(1L, 2L);
    assertThat(RetryDelay.seconds(busy, 3)).isEqualTo(1);
    Status status = Status.parseFrom(RpcStatus.protobuf(busy, 1_234));
    var told = status.getDetails(0).unpack(RetryInfo.class).getRetryDelay();
    assertThat(told.getSeconds() * 1_000 + told.getNanos() / 1_000_000).isEqualTo(1_234);
  }

  @Test
  void retryDelays_areExactAndRoundedUp_whereTheRefusalKnowsThem() {
    var limited = new RefusedException(Reason.RATE_LIMITED, "over 1 request a minute", 1_001);
    assertThat(new RetryDelay(1_000, new Random(4)).nextMs(limited)).isEqualTo(1_001);
    assertThat(RetryDelay.seconds(limited, 1_001)).isEqualTo(2);
  }

  private static String json(Signal signal, ExportResult result) {
    return new String(ExportResponse.json(signal, result), UTF_8);
  }
}
