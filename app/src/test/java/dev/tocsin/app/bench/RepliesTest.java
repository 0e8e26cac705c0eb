package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class RepliesTest {
  private static final MultiMap NONE = MultiMap.caseInsensitiveMultiMap();
  private static final byte[] PARTIAL =
      ExportTraceServiceResponse.newBuilder()
          .setPartialSuccess(
              ExportTracePartialSuccess.newBuilder().setRejectedSpans(7).setErrorMessage("why"))
          .build()
          .toByteArray();

  @Test
  void grpc_isAcceptedWholeOrInPart() {
    MultiMap trailers = status("0");
    Buffer empty = Buffer.buffer(new byte[5]);
    assertThat(Replies.grpc(200, NONE, trailers, empty)).isEqualTo(RequestOutcome.accepted(0));
    Buffer partial = Buffer.buffer(new byte[5]).appendBytes(PARTIAL);
    assertThat(Replies.grpc(200, NONE, trailers, partial)).isEqualTo(RequestOutcome.accepted(7));
  }

  @Test
  void grpc_isSentAgain_whenTheSpecificationSaysSo() {
    Buffer none = Buffer.buffer();
    assertThat(Replies.grpc(200, status("14"), NONE, none))
        .isEqualTo(RequestOutcome.retryable("UNAVAILABLE", 0));
    assertThat(Replies.grpc(200, status("3"), NONE, none))
        .isEqualTo(RequestOutcome.refused("INVALID_ARGUMENT"));
    assertThat(Replies.grpc(200, status("8"), NONE, none))
        .isEqualTo(RequestOutcome.refused("RESOURCE_EXHAUSTED"));
    MultiMap withDelay = status("8").set("grpc-status-details-bin", retryInfo(2, 500_000_000));
    assertThat(Replies.grpc(200, withDelay, NONE, none))
        .isEqualTo(RequestOutcome.retryable("RESOURCE_EXHAUSTED", 2_500));
    assertThat(Replies.grpc(503, NONE, NONE, none))
        .isEqualTo(RequestOutcome.retryable("HTTP 503", 0));
  }

  @Test
  void http_isAcceptedRefusedOrSentAgain() {
    Buffer partial = Buffer.buffer(PARTIAL);
    assertThat(Replies.http(200, null, Buffer.buffer(), false))
        .isEqualTo(RequestOutcome.accepted(0));
    assertThat(Replies.http(200, null, partial, false)).isEqualTo(RequestOutcome.accepted(7));
    Buffer json = Buffer.buffer("{\"partialSuccess\":{\"rejectedSpans\":\"3\"}}");
    assertThat(Replies.http(200, null, json, true)).isEqualTo(RequestOutcome.accepted(3));
    assertThat(Replies.http(200, null, Buffer.buffer("{}"), true))
        .isEqualTo(RequestOutcome.accepted(0));
    assertThat(Replies.http(429, "3", json, true))
        .isEqualTo(RequestOutcome.retryable("HTTP 429", 3_000));
    assertThat(Replies.http(400, null, json, true)).isEqualTo(RequestOutcome.refused("HTTP 400"));
  }

  private static MultiMap status(String code) {
    return MultiMap.caseInsensitiveMultiMap().set("grpc-status", code);
  }

  private static String retryInfo(long seconds, long nanos) {
    byte[] duration =
        fields().addField(1, varint(seconds)).addField(2, varint(nanos)).build().toByteArray();
    byte[] info = fields().addField(1, bytes(duration)).build().toByteArray();
    byte[] type =
        "type.googleapis.com/google.rpc.RetryInfo"
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] any = fields().addField(1, bytes(type)).addField(2, bytes(info)).build().toByteArray();
    byte[] status = fields().addField(3, bytes(any)).build().toByteArray();
    return Base64.getEncoder().withoutPadding().encodeToString(status);
  }

  private static UnknownFieldSet.Builder fields() {
    return UnknownFieldSet.newBuilder();
  }

  private static Field varint(long value) {
    return Field.newBuilder().addVarint(value).build();
  }

  private static Field bytes(byte[] value) {
    return Field.newBuilder().addLengthDelimited(ByteString.copyFrom(value)).build();
  }
}
