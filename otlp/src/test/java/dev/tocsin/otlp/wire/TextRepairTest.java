package dev.tocsin.otlp.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One bad byte must not lose a batch. */
class TextRepairTest {

  @Test
  void badBytes_becomeReplacementCharacters_andAllElseStays() throws Exception {
    byte[] cut = {'c', 'a', 'f', (byte) 0xc3};
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setBody(withBytes(new byte[] {'a', (byte) 0xff, (byte) 0xfe, 'b'}))
            .addAttributes(KeyValue.newBuilder().setKey("good").setValue(text("grün")))
            .addAttributes(
                KeyValue.newBuilder()
                    .setKey("list")
                    .setValue(
                        AnyValue.newBuilder()
                            .setArrayValue(ArrayValue.newBuilder().addValues(withBytes(cut)))));
    byte[] bytes = logs(log);
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.LOGS, bytes))
        .isInstanceOfSatisfying(
            MalformedOtlpException.class, e -> assertThat(e.invalidText()).isTrue());
    TextRepair repair = new TextRepair(Signal.LOGS, bytes);
    assertThat(repair.texts()).isEqualTo(2);
    assertThat(repair.firstField()).isEqualTo("AnyValue.stringValue");
    byte[] repaired = repair.write();
    assertThat(repaired).hasSize(repair.length());
    assertThat(OtlpScanner.scan(Signal.LOGS, repaired).items()).isEqualTo(1);
    LogRecord kept =
        ExportLogsServiceRequest.parseFrom(repaired)
            .getResourceLogs(0)
            .getScopeLogs(0)
            .getLogRecords(0);
    assertThat(kept.getBody().getStringValue()).isEqualTo("a\ufffd\ufffdb");
    assertThat(kept.getAttributes(0).getValue().getStringValue()).isEqualTo("grün");
    assertThat(kept.getAttributes(1).getValue().getArrayValue().getValues(0).getStringValue())
        .isEqualTo("caf\ufffd");
  }

  @Test
  void validRequests_areWrittenAsTheyAre_unknownFieldsIncluded() {
    var unknown =
        UnknownFieldSet.newBuilder()
            .addField(
                1000,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(new byte[] {(byte) 0xff}))
                    .addGroup(UnknownFieldSet.getDefaultInstance())
                    .addVarint(-1)
                    .build())
            .build();
    for (int seed = 0; seed < 100; seed++) {
      var request = new RandomOtlp(seed).traces().toBuilder().setUnknownFields(unknown).build();
      byte[] bytes = request.toByteArray();
      TextRepair repair = new TextRepair(Signal.TRACES, bytes);
      assertThat(repair.write()).isEqualTo(bytes);
      assertThat(repair.texts()).isZero();
    }
  }

  /** What is repaired is taken by the scanner and by protobuf, or by neither for another fault. */
  @Test
  void damagedRequests_whenTheyAreRepaired_canBeParsed() {
    Random random = new Random(9);
    int repaired = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new RandomOtlp(round % 50).traces().toByteArray();
      if (bytes.length == 0) {
        continue;
      }
      byte[] damaged = Arrays.copyOf(bytes, bytes.length);
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(128, 256);
      try {
        int unused = OtlpScanner.scan(Signal.TRACES, damaged).items();
      } catch (MalformedOtlpException e) {
        if (e.invalidText() && mends(damaged)) {
          repaired++;
        }
      }
    }
    assertThat(repaired).isGreaterThan(1_000);
  }

  private static boolean mends(byte[] damaged) {
    byte[] written;
    try {
      written = new TextRepair(Signal.TRACES, damaged).write();
    } catch (MalformedOtlpException otherFault) {
      return false;
    }
    assertThat(OtlpScanner.scan(Signal.TRACES, written).items()).isNotNegative();
    try {
      assertThat(ExportTraceServiceRequest.parseFrom(written).isInitialized()).isTrue();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    return true;
  }

  @Test
  void unknownEnumsAndFields_areWarnedOf_withFieldAndValue() {
    byte[] kinds =
        new RandomOtlp(1)
            .span().toBuilder()
                .setKindValue(17)
                .setStatus(io.opentelemetry.proto.trace.v1.Status.newBuilder().setCodeValue(-9))
                .build()
                .toByteArray();
    var request = ExportTraceServiceRequest.newBuilder();
    try {
      request.addResourceSpansBuilder().addScopeSpansBuilder().addSpans(Span.parseFrom(kinds));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    OtlpRequest scanned = OtlpScanner.scan(Signal.TRACES, request.build().toByteArray());
    assertThat(scanned.rejected()).isEmpty();
    assertThat(scanned.warnings().get(Warning.UNKNOWN_ENUM))
        .isEqualTo("Span.kind 17 (expected: 0 to 5), Status.code -9 (expected: 0 to 2)");
    var old = ExportTraceServiceRequest.newBuilder();
    old.addResourceSpansBuilder()
        .setUnknownFields(
            UnknownFieldSet.newBuilder()
                .addField(
                    1000,
                    UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.EMPTY).build())
                .build());
    assertThat(OtlpScanner.scan(Signal.TRACES, old.build().toByteArray()).warnings())
        .containsOnlyKeys(Warning.NOTHING_FOUND)
        .containsValue("ResourceSpans field 1000 is not known");
  }

  private static byte[] logs(LogRecord.Builder log) {
    var request = ExportLogsServiceRequest.newBuilder();
    request.addResourceLogsBuilder().addScopeLogsBuilder().addLogRecords(log);
    return request.build().toByteArray();
  }

  private static AnyValue text(String text) {
    return AnyValue.newBuilder().setStringValue(text).build();
  }

  /** A string value of bytes that are no text. */
  private static AnyValue withBytes(byte[] bytes) {
    assertThat(new String(bytes, UTF_8)).contains("\ufffd");
    return AnyValue.newBuilder()
        .setUnknownFields(
            UnknownFieldSet.newBuilder()
                .addField(
                    AnyValue.STRING_VALUE_FIELD_NUMBER,
                    UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFrom(bytes))
                        .build())
                .build())
        .build();
  }
}
