package dev.tocsin.otlp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever ingest acknowledges, every consumer must be able to parse. */
class WireSchemaTest {
  private static final List<Signal> SIGNALS = List.of(Signal.values());

  @Test
  void scanner_acceptsOnlyWhatProtobufParses_underRandomDamage() {
    Random random = new Random(7);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      RandomOtlp otlp = new RandomOtlp(round % 200);
      Signal signal = SIGNALS.get(round % SIGNALS.size());
      byte[] bytes = request(otlp, signal).toByteArray();
      if (bytes.length == 0) {
        continue;
      }
      for (int damage = random.nextInt(3); damage >= 0; damage--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      byte[] cut =
          random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
      boolean accepted = accepted(signal, cut);
      refused += accepted ? 0 : 1;
      assertThat(!accepted || parses(signal, cut)).as("round %s", round).isTrue();
    }
    assertThat(refused).isBetween(1_000, 19_000);
  }

  @Test
  void scanner_refusesTextsThatAreNoUtf8_namingTheMessage() {
    LogRecord bad =
        LogRecord.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        LogRecord.SEVERITY_TEXT_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFrom(new byte[] {'a', (byte) 0xff}))
                            .build())
                    .build())
            .build();
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.LOGS, logs(bad).toByteArray()))
        .isInstanceOf(MalformedOtlpException.class)
        .hasMessageEndingWith("a text of LogRecord that is no UTF-8");
  }

  @Test
  void scanner_refusesValuesNestedDeeperThanAParserWouldFollow() {
    AnyValue value = AnyValue.newBuilder().setStringValue("x").build();
    for (int depth = 0; depth < 60; depth++) {
      value = AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder().addValues(value)).build();
    }
    LogRecord deep = LogRecord.newBuilder().setBody(value).build();
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.LOGS, logs(deep).toByteArray()))
        .isInstanceOf(MalformedOtlpException.class)
        .hasMessageContaining("nested");
  }

  private static ExportLogsServiceRequest logs(LogRecord logRecord) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder().addScopeLogs(ScopeLogs.newBuilder().addLogRecords(logRecord)))
        .build();
  }

  private static Message request(RandomOtlp otlp, Signal signal) {
    return switch (signal) {
      case TRACES -> otlp.traces();
      case METRICS -> otlp.metrics();
      case LOGS -> otlp.logs();
      case PROFILES -> otlp.profiles();
    };
  }

  private static boolean accepted(Signal signal, byte[] bytes) {
    try {
      return OtlpScanner.scan(signal, bytes).items() >= 0;
    } catch (MalformedOtlpException malformed) {
      return false;
    }
  }

  private static boolean parses(Signal signal, byte[] bytes) {
    try {
      Message parsed =
          switch (signal) {
            case TRACES -> ExportTraceServiceRequest.parseFrom(bytes);
            case METRICS -> ExportMetricsServiceRequest.parseFrom(bytes);
            case LOGS -> ExportLogsServiceRequest.parseFrom(bytes);
            case PROFILES -> ExportProfilesServiceRequest.parseFrom(bytes);
          };
      return parsed.getSerializedSize() >= 0;
    } catch (InvalidProtocolBufferException malformed) {
      return false;
    }
  }
}
