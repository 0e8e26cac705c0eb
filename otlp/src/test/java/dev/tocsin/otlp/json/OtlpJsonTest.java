package dev.tocsin.otlp.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import org.junit.jupiter.api.Test;

class OtlpJsonTest {
  private static final Span SPAN =
      Span.newBuilder()
          .setSpanId(ByteString.copyFrom(new byte[] {(byte) 0xab, 1}))
          .setKindValue(2)
          .setFlags(0xffffff01)
          .setStartTimeUnixNano(-1L)
          .build();

  @Test
  void span_isWrittenAsExportersDo() {
    assertThat(OtlpJson.USUAL.write(SPAN).encode())
        .isEqualTo(
            "{\"spanId\":\"ab01\",\"kind\":2,\"startTimeUnixNano\":\"18446744073709551615\",\"flags\":4294967041}");
  }

  @Test
  void styles_changeHowIdsAndNumbersAreWritten() {
    assertThat(new OtlpJson(true, true, true, false).write(SPAN).encode())
        .contains("\"AB01\"", "\"kind\":2", "\"flags\":\"4294967041\"");
    NumberDataPoint point =
        NumberDataPoint.newBuilder().setAsDouble(0.5).setTimeUnixNano(7).build();
    assertThat(new OtlpJson(false, false, false, true).write(point).encode())
        .isEqualTo("{\"timeUnixNano\":7,\"asDouble\":\"0.5\"}");
    NumberDataPoint none = NumberDataPoint.newBuilder().setAsDouble(Double.NaN).build();
    assertThat(OtlpJson.USUAL.write(none).encode()).isEqualTo("{\"asDouble\":\"NaN\"}");
    AnyValue bytes =
        AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {-1})).build();
    assertThat(OtlpJson.USUAL.write(bytes).encode()).isEqualTo("{\"bytesValue\":\"/w==\"}");
  }
}
