package dev.tocsin.otlp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What {@link Memory} says against what the parser allocates. Builders, and arrays that a list has
 * outgrown, are a little over half of that; what is left was 0.7 to 1.0 of the estimate in every
 * shape when it was measured with full collections.
 */
class ParsedMemoryTest {
  private static final int COUNT = 100_000;

  @Test
  void memory_isNotUnderestimated_howeverARequestIsMadeWide() throws Exception {
    for (Map.Entry<String, WideRequests.Wide> each : WideRequests.all(COUNT).entrySet()) {
      WideRequests.Wide wide = each.getValue();
      double estimated = OtlpScanner.scan(wide.signal(), wide.bytes()).memory();
      long allocated = ParsedMemory.allocated(wide.signal(), wide.bytes());
      assertThat(estimated / allocated)
          .as("%s: %.0f estimated, %d allocated", each.getKey(), estimated, allocated)
          .isGreaterThan(0.38);
    }
  }

  /** Else records would be cut for nothing. */
  @Test
  void memory_isNotMuchOverestimated_ofWhatSdksSend() throws Exception {
    OrdinaryOtlp otlp = new OrdinaryOtlp(1);
    assertThat(overestimate(Signal.TRACES, otlp.traces(20_000))).isBetween(0.4, 0.7);
    assertThat(overestimate(Signal.LOGS, otlp.logs(20_000))).isBetween(0.4, 0.7);
  }

  private static double overestimate(Signal signal, Message request) throws Exception {
    byte[] bytes = request.toByteArray();
    double estimated = OtlpScanner.scan(signal, bytes).memory();
    return estimated / ParsedMemory.allocated(signal, bytes);
  }
}
